public import PithGraph
public import PithKernels
import PithTensors

/// The tangent of x.
public struct Tan: MapOperator {
  public static let name = "Tan"
  public static let examples = [Example([.random([2, 3, 4, 4], low: -1, high: 1)])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public var function: MapFunction { .tangent }
}
