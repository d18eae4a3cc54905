import ArgumentParser
import Foundation
import Pith

/// The program `pith`.
@main
struct PithCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pith",
    abstract: "Makes trained neural networks smaller and faster, with proof.",
    discussion: """
      Networks come and go as ONNX files. Start with: pith demo
      """,
    version: pithVersion,
    subcommands: [
      InspectCommand.self, EvaluateCommand.self, RunCommand.self, ProfileCommand.self,
      TrainCommand.self, CompressCommand.self, CompareCommand.self, SensitivityCommand.self,
      MethodsCommand.self,
      PackCommand.self,
      UnpackCommand.self, RunsCommand.self, DoctorCommand.self, DemoCommand.self,
    ])

  static func main() {
    ProcessSetup.prepare()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      ExitStatus.exit(error)
    }
  }
}
