public import PithGraph
public import PithKernels
import PithTensors

/// The inverse hyperbolic cosine of x, ln(x + sqrt(x^2 - 1)).
public struct Acosh: MapOperator {
  public static let name = "Acosh"
  public static let examples = [Example([.random([2, 3, 4, 4], low: 1.2, high: 4)])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public var function: MapFunction { .hyperbolicArcCosine }
}
