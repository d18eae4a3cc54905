public import PithGraph
public import PithKernels
import PithTensors

/// The inverse hyperbolic sine of x, ln(x + sqrt(x^2 + 1)).
public struct Asinh: MapOperator {
  public static let name = "Asinh"
  public static let examples = [Example([.random([2, 3, 4, 4], low: -3, high: 3)])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public var function: MapFunction { .hyperbolicArcSine }
}
