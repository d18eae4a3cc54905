/// How sparsity grows while training, by its recipe word.
public enum SparsitySchedule: String, Sendable, Hashable, CaseIterable {
  /// All at once, then training.
  case oneShot = "one-shot"
  /// In equal rounds, each keeping the same share of what is left, with training between.
  case iterative
  /// Along a cubic, s_t = s_f + (s_i - s_f)(1 - t / n)^3 (Zhu and Gupta 2017).
  case gradual
  /// Along the same cubic, but a pruned weight is trained on out of sight and may return (Guo, Yao,
  /// Chen: Dynamic network surgery, 2016).
  case surgery = "dynamic-surgery"
  /// All at once, training, then every weight again, pruned ones from zero, at a tenth of the
  /// learning rate (Han et al.: DSD, 2017). The network ends dense.
  case denseSparseDense = "dense-sparse-dense"

  /// Whether all sparsity is there before training starts.
  var isImmediate: Bool { self == .oneShot || self == .denseSparseDense }

  /// The sparsity to have at a step, given that at the start and the final one.
  ///
  /// - Parameters:
  ///   - ramp: the step by which the final sparsity is reached.
  ///   - rounds: of the iterative schedule.
  public func sparsity(
    step: Int, ramp: Int, initial: Double, final: Double, rounds: Int
  ) -> Double {
    guard step < ramp, !isImmediate, final > initial else { return max(initial, final) }
    let progress = Double(step) / Double(ramp)
    if self != .iterative {
      let left = 1 - progress
      return final + (initial - final) * left * left * left
    }
    // After round k of n: density = initial density * (final / initial density)^(k / n).
    let round = Double(Int(progress * Double(rounds)) + 1)
    let ratio = (1 - final) / max(1 - initial, .leastNonzeroMagnitude)
    return 1 - (1 - initial) * power(ratio, round / Double(rounds))
  }
}
