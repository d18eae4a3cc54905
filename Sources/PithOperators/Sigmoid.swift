public import PithGraph
public import PithKernels
import PithTensors

/// 1 / (1 + e^-x).
public struct Sigmoid: ActivationOperator {
  public static let name = "Sigmoid"
  public static let examples = [Example([.random([2, 3, 4, 4], low: -4, high: 4)])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public var function: Activation { .sigmoid }
  public var differentiatesOutput: Bool { true }
}
