import Foundation
import PithKernels
import Synchronization

/// What was measured to be faster on this machine: asked once, then the same answer each time, so
/// that one network has one plan.
///
/// Kept in `kernel-choices.json` in the user's cache folder (`XDG_CACHE_HOME`, or `.cache` in the
/// home folder); where that cannot be written, for as long as the process lives.
final class KernelChoices: Sendable {
  static let shared = KernelChoices(file: cacheFolder.appendingPathComponent("kernel-choices.json"))

  /// To be raised when a kernel gets faster or slower: older answers then no longer count.
  private static let generation = 2

  private let file: URL
  private let known: Mutex<[String: Bool]>

  init(file: URL) {
    self.file = file
    let saved = try? JSONDecoder().decode([String: Bool].self, from: Data(contentsOf: file))
    known = Mutex(saved ?? [:])
  }

  /// The answer kept for a question; where there is none, that of `measure`, which is then kept.
  func answer(to question: String, measure: () -> Bool) -> Bool {
    let machine = "\(KernelLibrary.instructionSet), \(KernelLibrary.threads) threads"
    let key = "\(Self.generation): \(machine): \(question)"
    if let answer = known.withLock({ $0[key] }) { return answer }
    let answer = measure()
    let all = known.withLock { known in
      known[key] = answer
      return known
    }
    save(all)
    return answer
  }

  private func save(_ choices: [String: Bool]) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    guard let data = try? encoder.encode(choices) else { return }
    try? FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try? data.write(to: file, options: .atomic)
  }

  private static var cacheFolder: URL {
    let environment = ProcessInfo.processInfo.environment
    let base =
      environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? URL(fileURLWithPath: $0) : nil }
      ?? FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".cache")
    return base.appendingPathComponent("pith")
  }
}
