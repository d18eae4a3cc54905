public import PithGraph
import PithKernels
public import PithTensors

/// The elements of its first input converted to the element type of the second.
public struct CastLike: ElementwiseOperator {
  public static let name = "CastLike"
  public static let examples = [
    Example([.random([2, 3]), .constant(Tensor(scalar: Float(0)))]),
    Example(
      [.random([2, 3], low: -5, high: 5), .constant(Tensor([1] as [Int64]))],
      differentiable: false),
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (operand, model) = (try inputs.required(0), try inputs.required(1))
    guard model.dtype != .string else { throw .type(input: 1, model.dtype) }
    return try Cast(model.dtype).infer([operand])
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], let input = node.inputs[0],
      graph.type(of: input)?.dtype.isFloatingPoint == true
    else { return [nil, nil] }
    return [try graph.add(CastLike(), gradient, input), nil]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try conversionKernel(request)
  }
}
