public import PithGraph
public import PithKernels
import PithTensors

/// ln(1 + e^x).
public struct Softplus: ActivationOperator {
  public static let name = "Softplus"
  public static let examples = [Example([.random([2, 3, 4, 4], low: -4, high: 4)])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public var function: Activation { .softplus }
}
