public import PithGraph
import PithKernels
public import PithTensors

/// a^b, stretched to a common shape, of a's element type.
public struct Pow: ElementwiseOperator {
  public static let name = "Pow"
  public static let examples = [
    Example([.random([2, 3, 4, 4]), .constant(Tensor(scalar: Float(2)))]),
    Example([.random([2, 3], low: 0.3, high: 2), .constant(Tensor(scalar: Float(0.7)))]),
    Example([.random([2, 3], low: 0.3, high: 2), .constant(Tensor(scalar: Int64(-2)))]),
    Example([.random([2, 3], low: 0.3, high: 2), .random([3])]),
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (base, exponent) = (try inputs.required(0), try inputs.required(1))
    return [Fact(base.dtype, try broadcast(base.dimensions, exponent.dimensions))]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], let base = node.inputs[0], let exponent = node.inputs[1],
      let power = node.output
    else { return [nil, nil] }
    if !wanted[1], let known = graph.fact(of: exponent)?.constant, known.count == 1,
      graph.type(of: base) == graph.type(of: power)
    {
      return [
        try graph.activationGradient(scalarPower(known.floats[0]), gradient, from: base), nil,
      ]
    }
    var results: [Value?] = [nil, nil]
    if wanted[0] {
      let exponent = try graph.add(Cast(.float32), exponent)
      let lower = try graph.add(Pow(), base, graph.add(Sub(), exponent, graph.addScalar(1)))
      let slope = try graph.add(Mul(), lower, exponent)
      results[0] = try graph.sum(graph.add(Mul(), gradient, slope), like: base)
    }
    if wanted[1] {
      // 0^b and its derivative are zero; the logarithm is not needed there.
      let one = graph.addScalar(1)
      let isPositive = try graph.add(Greater(), base, graph.addScalar(0))
      let logarithm = try graph.add(Log(), graph.add(Where(), isPositive, base, one))
      let slope = try graph.add(Mul(), power, logarithm)
      results[1] = try graph.sum(graph.add(Mul(), gradient, slope), like: exponent)
    }
    return results
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let (base, exponent) = (try request.input(0), try request.input(1))
    if base.dtype == .float32, let known = exponent.constant, known.count == 1,
      try request.output(0).shape == base.shape
    {
      return try activationKernel(scalarPower(known.floats[0]), request)
    }
    return try powerKernel(request)
  }
}

private func scalarPower(_ exponent: Float) -> Activation {
  exponent == 2 ? .square : .power(scale: 1, exponent: exponent)
}
