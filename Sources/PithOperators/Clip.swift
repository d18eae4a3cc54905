public import PithGraph
import PithKernels
public import PithTensors

/// min(max(x, low), high). Inputs: x, and the bounds as scalars, either of which may be absent.
public struct Clip: ElementwiseOperator {
  public static let name = "Clip"
  public static let examples = [
    Example([
      .random([2, 3, 4, 4], low: -2, high: 8), .constant(Tensor(scalar: Float(0))),
      .constant(Tensor(scalar: Float(6))),
    ]),
    Example([.random([2, 3]), .absent, .constant(Tensor(scalar: Float(0.3)))]),
    Example([.random([2, 3]), .constant(Tensor(scalar: Float(-0.2)))]),
    Example([
      .constant(Tensor([-3, 0, 9] as [Int64])), .constant(Tensor(scalar: Int64(-1))),
      .constant(Tensor(scalar: Int64(4))),
    ]),
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let operand = try inputs.required(0)
    for index in 1...2 {
      guard let bound = inputs.optional(index) else { continue }
      guard bound.dtype == operand.dtype else { throw .type(input: index, bound.dtype) }
      if let shape = bound.type.shape, shape.count != 1 {
        throw .mismatch("a bound of the clip has \(shape.count) elements, expected one")
      }
    }
    return [Fact(operand.type)]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard !wanted.dropFirst().contains(true), let output = node.output else {
      throw .notDifferentiable(node: node.name, operator: Self.name)
    }
    var bounds: [Float] = [-.greatestFiniteMagnitude, .greatestFiniteMagnitude]
    for (slot, input) in node.inputs.dropFirst().prefix(2).enumerated() {
      guard let input else { continue }
      guard let bound = graph.fact(of: input)?.constant?.floats.first else {
        throw .notDifferentiable(node: node.name, operator: Self.name)
      }
      bounds[slot] = bound
    }
    return [
      try graph.activationGradient(
        .clip(low: bounds[0], high: bounds[1]), upstream[0], fromOutput: output)
    ]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try clipKernel(request)
  }
}
