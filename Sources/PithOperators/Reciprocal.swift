public import PithGraph
public import PithKernels
import PithTensors

/// 1 / x.
public struct Reciprocal: ActivationOperator {
  public static let name = "Reciprocal"
  public static let examples = [Example([.random([2, 3, 4, 4], low: 0.4, high: 3)])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public var function: Activation { .power(scale: 1, exponent: -1) }
}
