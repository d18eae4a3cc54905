public import PithGraph
import PithKernels
public import PithTensors

/// x where positive, else `slope` x, with a slope that is stretched to the shape of x. He et al.,
/// "Delving deep into rectifiers", ICCV 2015.
public struct PRelu: ElementwiseOperator {
  public static let name = "PRelu"
  public static let examples = [
    Example([.random([2, 3, 4, 4]), .random([3, 1, 1])]),
    Example([.random([2, 3]), .random([2, 3])]),
    Example([.random([2, 3, 5]), .random([1])]),
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (data, slope) = (try inputs.required(0), try inputs.required(1))
    guard data.dtype == slope.dtype else { throw .type(input: 1, slope.dtype) }
    let stretched = try broadcast(data.dimensions, slope.dimensions)
    if let wanted = data.type.shape, stretched.compactMap(\.size) != wanted.dimensions {
      throw .mismatch(
        "slope \(text(slope.dimensions)) cannot be stretched to \(text(data.dimensions))")
    }
    return [Fact(data.type)]
  }

  public func role(ofInput index: Int) -> WeightRole? { index == 1 ? .normalization : nil }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0] else { return [nil, nil] }
    return try graph.add(PReluGradient(), [gradient, node.inputs[0], node.inputs[1]])
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try parametricReluKernel(request)
  }
}

/// dL/dx and dL/dslope of a `PRelu`. Inputs: dL/dy, x, slope.
public struct PReluGradient: Operator {
  public static let name = "PReluGradient"
  public static let domain = "pith"

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(1).type), Fact(try inputs.required(2).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try parametricReluGradientKernel(request)
  }
}
