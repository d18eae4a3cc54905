public import PithGraph
import PithKernels
public import PithTensors

/// a + b, stretched to a common shape.
public struct Add: ElementwiseOperator {
  public static let name = "Add"
  public static let examples = [
    Example([.random([2, 3, 4, 4]), .random([2, 3, 4, 4])]),
    Example([.random([2, 3, 4, 4]), .random([3, 1, 1])]),
    Example([.random([4, 1]), .random([3])]),
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    try inferBinary(inputs) { $0 &+ $1 }
  }

  public func role(ofInput index: Int) -> WeightRole? { .bias }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0] else { return [nil, nil] }
    return [
      wanted[0] ? try graph.sum(gradient, like: node.inputs[0]!) : nil,
      wanted[1] ? try graph.sum(gradient, like: node.inputs[1]!) : nil,
    ]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try arithmeticKernel(
      request, .add, integers: { $0 &+ $1 }, doubles: { $0 + $1 })
  }
}
