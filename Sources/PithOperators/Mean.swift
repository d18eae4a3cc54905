public import PithGraph
import PithKernels
public import PithTensors

/// The mean of any number of values, element by element, stretched to a common shape.
public struct Mean: ElementwiseOperator {
  public static let name = "Mean"
  public static let examples = [
    Example([.random([2, 3, 4, 4]), .random([2, 3, 4, 4])]),
    Example([.random([3, 1]), .random([4])]),
    Example([.random([2, 3]), .random([3]), .random([2, 1])]),
    Example([.random([2, 3])]),
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    try inferSum(inputs)
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0] else { return node.inputs.map { _ in nil } }
    let share = try graph.add(Scaling(1 / Float(node.inputs.count)), gradient)
    var results = [Value?](repeating: nil, count: node.inputs.count)
    for (index, input) in node.inputs.enumerated() where wanted[index] {
      if let input { results[index] = try graph.sum(share, like: input) }
    }
    return results
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try sumKernel(isMean: true, request)
  }
}
