public import PithGraph
public import PithKernels
import PithTensors

/// The arc cosine of x.
public struct Acos: MapOperator {
  public static let name = "Acos"
  public static let examples = [Example([.random([2, 3, 4, 4], low: -0.9, high: 0.9)])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public var function: MapFunction { .arcCosine }
}
