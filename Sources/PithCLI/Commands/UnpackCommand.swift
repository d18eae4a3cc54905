import ArgumentParser
import Foundation
import Pith
import PithReports

struct UnpackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unpack", abstract: "Unpacks the ONNX model of an archive, bit-exactly.")

  @Argument(help: "A .pith archive.")
  var archive: String

  @OptionGroup var target: TargetOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let console = Console(output)
    let report = try ModelArchive.unpack(URL(fileURLWithPath: archive), to: try target.free())
    try console.show(report) { report.table.text(color: console.isColored) }
  }
}
