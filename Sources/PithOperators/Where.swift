public import PithGraph
import PithKernels
public import PithTensors

/// a where the condition holds, else b, all stretched to a common shape.
public struct Where: ElementwiseOperator {
  public static let name = "Where"
  public static let examples = [
    Example([
      .constant(Tensor([true, false, true], [3])), .random([2, 3]), .random([2, 1]),
    ]),
    Example([
      .constant(Tensor([false, true], [2, 1])), .constant(Tensor([1, 2, 3] as [Int64])),
      .constant(Tensor(scalar: Int64(7))),
    ]),
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (condition, left, right) = (
      try inputs.required(0), try inputs.required(1), try inputs.required(2)
    )
    guard condition.dtype == .bool else { throw .type(input: 0, condition.dtype) }
    guard left.dtype == right.dtype else {
      throw .mismatch("element types \(left.dtype.rawValue) and \(right.dtype.rawValue) differ")
    }
    let both = try broadcast(left.dimensions, right.dimensions)
    return [Fact(left.dtype, try broadcast(condition.dimensions, both))]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], let left = node.inputs[1], let right = node.inputs[2] else {
      return [nil, nil, nil]
    }
    var results: [Value?] = [nil, nil, nil]
    if wanted[1] {
      let chosen = try graph.add(self, node.inputs[0], gradient, graph.addScalar(0))
      results[1] = try graph.sum(chosen, like: left)
    }
    if wanted[2] {
      let chosen = try graph.add(self, node.inputs[0], graph.addScalar(0), gradient)
      results[2] = try graph.sum(chosen, like: right)
    }
    return results
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try selectionKernel(request)
  }
}
