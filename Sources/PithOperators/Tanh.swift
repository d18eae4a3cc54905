public import PithGraph
public import PithKernels
import PithTensors

/// (e^x - e^-x) / (e^x + e^-x).
public struct Tanh: ActivationOperator {
  public static let name = "Tanh"
  public static let examples = [Example([.random([2, 3, 4, 4], low: -3, high: 3)])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public var function: Activation { .tanh }
  public var differentiatesOutput: Bool { true }
}
