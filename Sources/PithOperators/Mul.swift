public import PithGraph
import PithKernels
public import PithTensors

/// a b, element by element, stretched to a common shape.
public struct Mul: ElementwiseOperator {
  public static let name = "Mul"
  public static let examples = [
    Example([.random([2, 3, 4, 4]), .random([2, 3, 4, 4])]),
    Example([.random([2, 3, 4, 4]), .random([2, 3, 1, 1])]),
    Example([.random([3]), .random([4, 1])]),
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    try inferBinary(inputs) { $0 &* $1 }
  }

  public func role(ofInput index: Int) -> WeightRole? { .normalization }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], let left = node.inputs[0], let right = node.inputs[1] else {
      return [nil, nil]
    }
    return [
      wanted[0] ? try graph.sum(graph.add(Mul(), gradient, right), like: left) : nil,
      wanted[1] ? try graph.sum(graph.add(Mul(), gradient, left), like: right) : nil,
    ]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try arithmeticKernel(request, .multiply, integers: { $0 &* $1 }, doubles: { $0 * $1 })
  }
}
