package import Foundation
import PithKernels

/// Where what was measured on this machine is kept: a folder in the user's cache folder
/// (`XDG_CACHE_HOME`, or `.cache` in the home folder).
package enum MachineCache {
  package static var folder: URL {
    let environment = ProcessInfo.processInfo.environment
    let base =
      environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? URL(fileURLWithPath: $0) : nil }
      ?? FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".cache")
    return base.appendingPathComponent("pith")
  }

  /// What times depend on beside the network.
  package static var machine: String {
    "\(KernelLibrary.instructionSet), \(KernelLibrary.threads) threads"
  }

  /// Writes a value to a file, whole or not at all; where that cannot be done nothing is kept.
  package static func save(_ value: some Encodable, to file: URL) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    guard let data = try? encoder.encode(value) else { return }
    try? FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try? data.write(to: file, options: .atomic)
  }

  /// The value in a file; nil where there is none that can be read.
  package static func read<Value: Decodable>(_: Value.Type, from file: URL) -> Value? {
    try? JSONDecoder().decode(Value.self, from: Data(contentsOf: file))
  }
}
