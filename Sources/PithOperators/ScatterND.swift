public import PithGraph
public import PithKernels
public import PithTensors

/// Data in which each run of updates has replaced, or been combined with, the run that an index
/// tuple names.
///
/// Inputs: data (I..., R...), indices (T..., d), updates (T..., R...), where the d numbers of a
/// tuple give the position on the axes I.
public struct ScatterND: Operator {
  public static let name = "ScatterND"
  public static let examples = [
    Example([
      .random([3, 4]), .constant(Tensor([0, 1, 2, -1] as [Int64], [2, 2])), .random([2]),
    ]),
    Example(
      [.random([3, 4]), .constant(Tensor([2, 0, 2] as [Int64], [3, 1])), .random([3, 4])],
      ["reduction": .string("add")]),
    Example(
      [.random([3, 2]), .constant(Tensor([2] as [Int32], [1, 1])), .random([1, 2])],
      ["reduction": .string("min")], differentiable: false),
  ]

  public let function: ScatterFunction

  public init(_ function: ScatterFunction = .set) { self.function = function }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(try ScatterFunction(attributes))
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    values["reduction"] = function.attribute
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (data, indices, updates) = (
      try inputs.required(0), try inputs.required(1), try inputs.required(2)
    )
    guard updates.dtype == data.dtype else { throw .type(input: 2, updates.dtype) }
    let named = try inferTuplePlaces(data: data, indices: indices, batchAxes: 0)
    let fits = zip(named, updates.dimensions).allSatisfy { a, b in
      a.size == nil || b.size == nil || a == b
    }
    guard updates.rank == named.count, fits else {
      throw .mismatch("updates \(text(updates.dimensions)) for runs of shape \(text(named))")
    }
    return [Fact(data.type)]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    try graph.scatterGradient(
      of: node, .tuples(batchAxes: 0), function, take: GatherND(), upstream: upstream[0],
      wanted: wanted)
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try putKernel(.tuples(batchAxes: 0), function, request)
  }
}
