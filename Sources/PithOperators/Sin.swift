public import PithGraph
public import PithKernels
import PithTensors

/// The sine of x.
public struct Sin: MapOperator {
  public static let name = "Sin"
  public static let examples = [Example([.random([2, 3, 4, 4], low: -4, high: 4)])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public var function: MapFunction { .sine }
}
