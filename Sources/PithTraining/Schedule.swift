import Foundation

/// How the learning rate changes over training, by its recipe word.
public enum Schedule: String, Sendable, Hashable, CaseIterable, Codable {
  case constant
  /// A tenth after half of the steps, a hundredth after three quarters.
  case step
  /// Half a cosine from the full rate to zero (Loshchilov and Hutter 2017).
  case cosine
  /// Up from a twenty-fifth to the full rate over the first 30 % of the steps, then down to nearly
  /// zero, both along half a cosine (Smith and Topin 2019).
  case oneCycle = "one-cycle"

  /// The factor of the learning rate at a step, from 0 to `total` - 1. During the first
  /// `warmup` steps it rises in proportion (one-cycle has its own rise).
  public func factor(step: Int, of total: Int, warmup: Int = 0) -> Double {
    if self != .oneCycle, step < warmup { return Double(step + 1) / Double(warmup + 1) }
    let first = self == .oneCycle ? 0 : warmup
    let progress = Double(step - first) / Double(max(total - first, 1))
    switch self {
    case .constant: return 1
    case .step: return progress < 0.5 ? 1 : progress < 0.75 ? 0.1 : 0.01
    case .cosine: return Self.fall(progress)
    case .oneCycle:
      let peak = 0.3
      if progress < peak { return 0.04 + 0.96 * (1 - Self.fall(progress / peak)) }
      return 1e-4 + (1 - 1e-4) * Self.fall((progress - peak) / (1 - peak))
    }
  }

  /// Half a cosine: 1 at 0, 0 at 1.
  private static func fall(_ progress: Double) -> Double { 0.5 * (1 + cos(.pi * progress)) }
}
