public import PithGraph
public import PithKernels
public import PithTensors

/// An operator that applies one function of `MapFunction` to each element: a conforming type only
/// reads its attributes and names the function.
public protocol MapOperator: ElementwiseOperator {
  var function: MapFunction { get }
}

extension MapOperator {
  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let operand = try inputs.required(0)
    guard operand.dtype.isFloatingPoint else { throw .type(input: 0, operand.dtype) }
    return [Fact(operand.type)]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], let input = node.inputs[0] else { return [nil] }
    return [try graph.add(MapGradient(function), gradient, input)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try mapKernel(function, request)
  }
}

/// dL/dx = dL/dy f'(x) of a function of `MapFunction`. Inputs: dL/dy and x.
public struct MapGradient: Operator {
  public static let name = "MapGradient"
  public static let domain = "pith"
  public let function: MapFunction

  init(_ function: MapFunction) { self.function = function }

  public init(_ attributes: Attributes) throws(AttributeError) {
    throw .unsupported("a gradient is made by differentiation alone")
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(1).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try mapGradientKernel(function, request)
  }
}
