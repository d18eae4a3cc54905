import PithGraph
import PithKernels
import PithTensors

/// An operator whose result takes each element from the place of its first input that one table
/// per axis names.
protocol AxisMapOperator: Operator {
  /// For each place of each axis of the result the place of the data it comes from; negative where
  /// it is new.
  func maps(_ data: Shape, _ inputs: [Fact?]) throws(ShapeError) -> [[Int]]
}

extension AxisMapOperator {
  func axisMapGradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], wanted[0] else { return [] }
    return [try graph.add(AxisMapGradient(self), node.inputs + [gradient])[0]]
  }
}

/// dL/d(data) of an operator that copies elements by axis: the gradients of all copies, added up.
///
/// Inputs: those of the operator (of data only the type matters), then dL/dy.
struct AxisMapGradient<Forward: AxisMapOperator>: Operator {
  static var name: String { Forward.name + "Gradient" }
  static var domain: String { "pith" }
  let forward: Forward

  init(_ forward: Forward) { self.forward = forward }

  init(_ attributes: Attributes) throws(AttributeError) {
    self.init(try Forward(attributes))
  }

  var attributes: Attributes { forward.attributes }

  func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(0).type)]
  }

  func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let data = try request.output(0).shape
    let last = request.inputs.count - 1
    guard try request.input(last).shape.count > 0 else {
      return try regionsKernel(request, [], zeroed: true)
    }
    let maps = try resolving { () throws(ShapeError) in
      try forward.maps(data, request.inputFacts.dropLast())
    }
    let axes = maps.enumerated().map { axis, map in
      AxisSampling.map(map, sourceExtent: data[axis]).transposed
    }
    return try samplingKernel(axes, request, input: last)
  }
}
