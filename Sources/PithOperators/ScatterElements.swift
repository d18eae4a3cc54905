public import PithGraph
public import PithKernels
public import PithTensors

/// Data in which each update has replaced, or been combined with, the element at its own place, but
/// for `axis`, where its index says.
///
/// Inputs: data, indices, updates; indices and updates have one shape.
public struct ScatterElements: Operator {
  public static let name = "ScatterElements"
  public static let examples = [
    Example([
      .random([3, 4]), .constant(Tensor([0, 2, -1, 1] as [Int64], [1, 4])), .random([1, 4]),
    ]),
    Example(
      [.random([2, 3]), .constant(Tensor([1, 1, 0, 2] as [Int32], [2, 2])), .random([2, 2])],
      ["axis": .int(-1), "reduction": .string("add")]),
    Example(
      [.random([5]), .constant(Tensor([1, 1, 4] as [Int64])), .random([3])],
      ["reduction": .string("mul")], differentiable: false),
    Example(
      [
        .constant(Tensor([5, 6, 7] as [Int8])), .constant(Tensor([1, 2] as [Int64])),
        .constant(Tensor([9, -9] as [Int8])),
      ], ["reduction": .string("max")], differentiable: false),
  ]

  public let axis: Int
  public let function: ScatterFunction

  public init(axis: Int = 0, _ function: ScatterFunction = .set) {
    self.axis = axis
    self.function = function
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(
      axis: try attributes.int("axis", default: 0), try ScatterFunction(attributes))
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if axis != 0 { values["axis"] = .int(axis) }
    values["reduction"] = function.attribute
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (data, indices, updates) = (
      try inputs.required(0), try inputs.required(1), try inputs.required(2)
    )
    guard updates.dtype == data.dtype else { throw .type(input: 2, updates.dtype) }
    _ = try inferElementPlaces(data: data, indices: indices, axis: axis)
    guard updates.rank == indices.rank,
      try broadcast(updates.dimensions, indices.dimensions).count == indices.rank,
      updates.type.shape == nil || indices.type.shape == nil
        || updates.type.shape == indices.type.shape
    else {
      throw .mismatch(
        "updates \(text(updates.dimensions)) for indices \(text(indices.dimensions))")
    }
    return [Fact(data.type)]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    let rank = node.inputs[0].flatMap { graph.type(of: $0)?.rank } ?? 0
    return try graph.scatterGradient(
      of: node, .elements(axis: axis < 0 ? axis + rank : axis), function,
      take: GatherElements(axis: axis), upstream: upstream[0], wanted: wanted)
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try putKernel(.elements(axis: frontAxis(axis, request)), function, request)
  }
}
