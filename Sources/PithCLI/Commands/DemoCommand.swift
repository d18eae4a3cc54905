import ArgumentParser
import Foundation
import Pith
import PithReports
import PithTraining

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "The whole way in minutes: trains a network on pictures of clothes, compresses it.",
    discussion: """
      Trains the 3.27 M-parameter network mnist-cnn on Fashion-MNIST (Debian package \
      dataset-fashion-mnist), then runs the preset deep-compression on it.
      """)

  @Option(name: .shortAndLong, help: "The folder to write.")
  var output = "pith-demo"

  @Option(help: ArgumentHelp("Where Fashion-MNIST lies.", valueName: "format:path"))
  var data = "mnist:\(Doctor.fashionFolder)"

  @Flag(help: "Fewer epochs: a smaller network, LeNet-5, one epoch each.")
  var quick = false

  @Flag(help: "Replace an earlier demo.")
  var force = false

  @Option(help: "Fixes all random choices.")
  var seed: UInt64 = 1

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var progress: ProgressOptions
  @OptionGroup var outputs: OutputOptions

  func run() throws {
    let console = Console(outputs)
    threads.apply()
    ProcessSetup.catchInterrupts()
    let printer = ProgressPrinter(progress.style, quiet: outputs.quiet)
    defer { printer.finish() }
    let demo = Demo(
      data: data, isQuick: quick, seed: seed, folder: URL(fileURLWithPath: output), force: force)
    console.note("1. training \(demo.architecture) on Fashion-MNIST")
    let trained = try demo.train(printer.observer)
    printer.finish()
    console.note("   test top-1 \(Format.percent(trained.top1)): \(demo.model.path)")
    console.note("2. compressing it with the preset deep-compression")
    let report = try demo.compress(printer.observer)
    printer.finish()
    try CompressSummary(console).show(report, demo.run, target: .init())
    console.note(
      """

      What to try next:
        pith inspect \(demo.run.model.path)
        pith unpack \(demo.run.archive.path) -o copy.onnx
        pith compress YOUR-MODEL.onnx --data images:YOUR-FOLDER --preset int8 -o run
        pith methods pruning
      """)
  }
}
