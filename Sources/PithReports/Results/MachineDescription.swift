import Foundation

/// The machine that results were measured on.
public struct MachineDescription: Codable, Sendable, Hashable {
  public var processor: String
  public var cores: Int
  public var memoryBytes: Int
  public var operatingSystem: String

  public init(processor: String, cores: Int, memoryBytes: Int, operatingSystem: String) {
    self.processor = processor
    self.cores = cores
    self.memoryBytes = memoryBytes
    self.operatingSystem = operatingSystem
  }

  /// The machine of this process.
  public static func current() -> MachineDescription {
    let process = ProcessInfo.processInfo
    return MachineDescription(
      processor: processorName() ?? "unknown processor",
      cores: process.activeProcessorCount,
      memoryBytes: Int(clamping: process.physicalMemory),
      operatingSystem: process.operatingSystemVersionString)
  }

  private static func processorName() -> String? {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else {
      return nil
    }
    for line in text.split(separator: "\n") where line.hasPrefix("model name") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    return nil
  }
}
