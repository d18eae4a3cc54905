import ArgumentParser
import Foundation
import Pith
import PithData

/// How commands are told about data.
struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Data as FORMAT:PATH; formats are \(dataFormats.map { $0.name }.joined(separator: ", ")).",
      valueName: "format:path"))
  var data: String?

  @Option(
    help: ArgumentHelp(
      "How values are brought to the network: \(Self.presets), or a mapping such as "
        + "'{mean: [0.5], std: [0.25]}' (default: bytes are divided by 255).",
      valueName: "preset or mapping"))
  var preprocess: String?

  private static let presets = Preprocessing.presets.map(\.name).joined(separator: ", ")

  func preprocessing() throws -> Preprocessing? {
    try preprocess.map { try Preprocessing(text: $0) }
  }

  /// What `--data` says, which this command needs.
  func required() throws -> String {
    guard let data else { throw ValidationError("--data FORMAT:PATH is missing") }
    return data
  }
}
