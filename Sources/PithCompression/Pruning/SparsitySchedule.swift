/// How sparsity grows while training, by its recipe word.
public enum SparsitySchedule: String, Sendable, Hashable, CaseIterable {
  /// All at once, then training.
  case oneShot = "one-shot"
  /// In equal rounds, each keeping the same share of what is left, with training between.
  case iterative
  /// Along a cubic, s_t = s_f + (s_i - s_f)(1 - t / n)^3 (Zhu and Gupta 2017).
  case gradual

  /// The sparsity to have at a step, given that at the start and the final one.
  ///
  /// - Parameters:
  ///   - ramp: the step by which the final sparsity is reached.
  ///   - rounds: of the iterative schedule.
  public func sparsity(
    step: Int, ramp: Int, initial: Double, final: Double, rounds: Int
  ) -> Double {
    guard step < ramp, self != .oneShot, final > initial else { return max(initial, final) }
    let progress = Double(step) / Double(ramp)
    if self == .gradual {
      let left = 1 - progress
      return final + (initial - final) * left * left * left
    }
    // After round k of n: density = initial density * (final / initial density)^(k / n).
    let round = Double(Int(progress * Double(rounds)) + 1)
    let ratio = (1 - final) / max(1 - initial, .leastNonzeroMagnitude)
    return 1 - (1 - initial) * power(ratio, round / Double(rounds))
  }
}
