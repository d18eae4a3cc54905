public import PithGraph
import PithKernels
public import PithTensors

/// Indices spread along a new axis: one value at the place that an index names, another elsewhere.
///
/// Inputs: indices, the extent of the new axis (which must be known), the values (elsewhere, at the
/// index).
public struct OneHot: Operator {
  public static let name = "OneHot"
  public static let examples = [
    Example([
      .constant(Tensor([0, 2, -1, 7] as [Int64])), .constant(Tensor(scalar: Int64(3))),
      .constant(Tensor([0, 1] as [Float])),
    ]),
    Example(
      [
        .constant(Tensor([0, 1, 1, 0] as [Float], [2, 2])), .constant(Tensor([2] as [Float])),
        .constant(Tensor([5, 9] as [Int8])),
      ], ["axis": .int(1)]),
  ]

  public let axis: Int

  public init(axis: Int = -1) { self.axis = axis }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(axis: try attributes.int("axis", default: -1))
  }

  public var attributes: Attributes { axis == -1 ? [:] : ["axis": .int(axis)] }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (indices, depth, values) = (
      try inputs.required(0), try inputs.required(1), try inputs.required(2)
    )
    guard values.type.shape.map({ $0 == [2] }) ?? true else {
      throw .mismatch("\(values.type) for the two values")
    }
    let axis = try normalize(axis: axis, rank: indices.rank + 1)
    guard let known = depth.knownTensor?.integers else {
      throw .notConstant(input: 1, "the extent of the new axis")
    }
    guard known.count == 1, known[0] >= 0 else {
      throw .invalid("an extent of \(known.prefix(4)) for the new axis")
    }
    var dimensions = indices.dimensions
    dimensions.insert(.fixed(known[0]), at: axis)
    return [Fact(values.dtype, dimensions)]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard !wanted.dropFirst(2).contains(true) else {
      throw .notDifferentiable(node: node.name, operator: Self.name)
    }
    return [nil, nil, nil]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let rank = try request.output(0).shape.rank
    guard try request.input(2).shape == [2] else { throw .unsupported("other than two values") }
    return try oneHotKernel(axis: axis < 0 ? axis + rank : axis, request)
  }
}
