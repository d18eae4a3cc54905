public import PithGraph
public import PithKernels
import PithTensors

/// The hyperbolic sine of x, (e^x - e^-x) / 2.
public struct Sinh: MapOperator {
  public static let name = "Sinh"
  public static let examples = [Example([.random([2, 3, 4, 4], low: -2, high: 2)])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public var function: MapFunction { .hyperbolicSine }
}
