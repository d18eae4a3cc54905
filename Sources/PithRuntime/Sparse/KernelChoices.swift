import Foundation
import Synchronization

/// What was measured to be faster on this machine: asked once, then the same answer each time, so
/// that one network has one plan.
///
/// Kept in `kernel-choices.json` in the folder of `MachineCache`; where that cannot be written, for
/// as long as the process lives.
final class KernelChoices: Sendable {
  static let shared = KernelChoices(
    file: MachineCache.folder.appendingPathComponent("kernel-choices.json"))

  /// To be raised when a kernel gets faster or slower: older answers then no longer count.
  private static let generation = 3

  private let file: URL
  private let known: Mutex<[String: Bool]>

  init(file: URL) {
    self.file = file
    known = Mutex(MachineCache.read([String: Bool].self, from: file) ?? [:])
  }

  /// The answer kept for a question; where there is none, that of `measure`, which is then kept.
  func answer(to question: String, measure: () -> Bool) -> Bool {
    let key = "\(Self.generation): \(MachineCache.machine): \(question)"
    if let answer = known.withLock({ $0[key] }) { return answer }
    let answer = measure()
    let all = known.withLock { known in
      known[key] = answer
      return known
    }
    MachineCache.save(all, to: file)
    return answer
  }
}
