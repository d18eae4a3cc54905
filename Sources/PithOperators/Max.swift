public import PithGraph
import PithKernels
public import PithTensors

/// The largest of any number of values, element by element, stretched to a common shape.
public struct Max: ElementwiseOperator {
  public static let name = "Max"
  public static let examples = [
    Example([.random([2, 3, 4, 4]), .random([2, 3, 4, 4])]),
    Example([.random([3, 1]), .random([4])]),
    Example([.random([2, 3]), .random([3]), .random([2, 1])]),
    Example([.random([2, 3])]),
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    try inferExtremum(inputs) { max($0, $1) }
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    try graph.extremumGradients(of: node, .maximum, upstream[0], wanted)
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try extremumKernel(.maximum, request)
  }
}
