public import PithGraph
public import PithKernels
import PithTensors

/// The arc tangent of x.
public struct Atan: MapOperator {
  public static let name = "Atan"
  public static let examples = [Example([.random([2, 3, 4, 4], low: -3, high: 3)])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public var function: MapFunction { .arcTangent }
}
