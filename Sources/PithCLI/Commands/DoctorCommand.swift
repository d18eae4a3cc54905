import ArgumentParser
import Foundation
import Pith
import PithReports

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Shows the processor's features, the kernels chosen, and what is missing.")

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let console = Console(output)
    threads.apply()
    let report = Doctor.examine(
      folder: URL(fileURLWithPath: FileManager.default.currentDirectoryPath),
      environment: ProcessInfo.processInfo.environment)
    try console.show(report) { text(report, isColored: console.isColored) }
  }

  private func text(_ report: DoctorReport, isColored: Bool) -> String {
    var table = TextTable(columns: [
      .init(""), .init("found", limit: 80), .init("to do", limit: 80),
    ])
    table.add(["Pith", .init(report.version)])
    table.add(["processor", .init(report.machine.processor)])
    table.add(["features", .init(report.features.joined(separator: " "))])
    table.add(["system", .init(report.machine.operatingSystem)])
    table.add(["kernels", .init("\(report.kernels), \(report.instructionSet)")])
    for check in report.checks {
      table.add([
        .init(check.name), .init(check.value, style: check.isGood ? .plain : .bad),
        .init(check.advice ?? ""),
      ])
    }
    return table.text(color: isColored)
  }
}
