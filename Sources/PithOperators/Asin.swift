public import PithGraph
public import PithKernels
import PithTensors

/// The arc sine of x.
public struct Asin: MapOperator {
  public static let name = "Asin"
  public static let examples = [Example([.random([2, 3, 4, 4], low: -0.9, high: 0.9)])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public var function: MapFunction { .arcSine }
}
