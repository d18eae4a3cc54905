public import PithGraph
public import PithKernels
import PithTensors

/// The natural logarithm of x.
public struct Log: ActivationOperator {
  public static let name = "Log"
  public static let examples = [Example([.random([2, 3, 4, 4], low: 0.2, high: 3)])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public var function: Activation { .log }
}
