import Foundation
import PithOperators

/// How gates are drawn while they are learnt, by its recipe word.
public enum GateKind: String, Sendable, Hashable, CaseIterable {
  /// Open or closed, by the sign of a.
  case binary
  /// Drawn anew at each step, between closed and open.
  case hardConcrete = "hard-concrete"

  /// The probability of being open that gates start with.
  static let startProbability: Float = 0.9

  /// sigmoid(a + shift) is the probability of being open.
  var shift: Float {
    switch self {
    case .binary: 0
    case .hardConcrete:
      HardConcreteGate.temperature * -log(-HardConcreteGate.low / HardConcreteGate.high)
    }
  }

  /// The a that gates start with.
  package var start: Float {
    log(Self.startProbability / (1 - Self.startProbability)) - shift
  }

  /// What a gate multiplies its channel by once nothing is drawn any more.
  func opening(_ a: Float) -> Float {
    switch self {
    case .binary: return a > 0 ? 1 : 0
    case .hardConcrete:
      let (low, high) = (HardConcreteGate.low, HardConcreteGate.high)
      return min(max((high - low) / (1 + exp(-a)) + low, 0), 1)
    }
  }
}
