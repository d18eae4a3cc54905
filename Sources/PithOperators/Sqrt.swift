public import PithGraph
public import PithKernels
import PithTensors

/// The square root of x.
public struct Sqrt: ActivationOperator {
  public static let name = "Sqrt"
  public static let examples = [Example([.random([2, 3, 4, 4], low: 0.2, high: 3)])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public var function: Activation { .sqrt }
  public var differentiatesOutput: Bool { true }
}
