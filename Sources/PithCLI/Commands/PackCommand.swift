public import ArgumentParser
import Foundation
import Pith
public import PithCoding
import PithReports

struct PackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pack",
    abstract: "Packs an ONNX model into an archive from which it comes back bit-exactly.")

  @Argument(help: "An ONNX model.")
  var model: String

  @Option(
    help:
      "How tensors are coded: \(EntropyCoder.allCases.map(\.rawValue).joined(separator: " or ")).")
  var coder = EntropyCoder.arithmetic

  @OptionGroup var target: TargetOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let console = Console(output)
    let report = try ModelArchive.pack(
      URL(fileURLWithPath: model), to: try target.free(), coder: coder)
    try console.show(report) { report.table.text(color: console.isColored) }
  }
}

extension EntropyCoder: ExpressibleByArgument {}
