public import PithGraph
public import PithKernels
import PithTensors

/// The inverse hyperbolic tangent of x, ln((1 + x) / (1 - x)) / 2.
public struct Atanh: MapOperator {
  public static let name = "Atanh"
  public static let examples = [Example([.random([2, 3, 4, 4], low: -0.9, high: 0.9)])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public var function: MapFunction { .hyperbolicArcTangent }
}
