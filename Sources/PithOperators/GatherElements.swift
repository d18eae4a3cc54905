public import PithGraph
import PithKernels
public import PithTensors

/// For each index the element of data at the same place, but for `axis`, where the index says.
///
/// Inputs: data and indices of equal rank; the result has the shape of the indices.
public struct GatherElements: Operator {
  public static let name = "GatherElements"
  public static let examples = [
    Example([.random([3, 4]), .constant(Tensor([0, 2, -1, 1] as [Int64], [1, 4]))]),
    Example(
      [.random([2, 3, 2]), .constant(Tensor([2, 0, 0, 1, -3, 2, 1, 1] as [Int32], [2, 4, 1]))],
      ["axis": .int(1)]),
    Example([.random([5]), .constant(Tensor([1, 1, 4] as [Int64]))], ["axis": .int(-1)]),
  ]

  public let axis: Int

  public init(axis: Int = 0) { self.axis = axis }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(axis: try attributes.int("axis", default: 0))
  }

  public var attributes: Attributes { axis == 0 ? [:] : ["axis": .int(axis)] }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (data, indices) = (try inputs.required(0), try inputs.required(1))
    _ = try inferElementPlaces(data: data, indices: indices, axis: axis)
    return [Fact(data.dtype, indices.dimensions)]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], wanted[0], let data = node.inputs[0] else {
      return [nil, nil]
    }
    let rank = graph.type(of: data)?.rank ?? 0
    let places = IndexedPlaces.elements(axis: axis < 0 ? axis + rank : axis)
    return [try graph.add(IndexedSum(places), gradient, node.inputs[1], data), nil]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try takeKernel(.elements(axis: frontAxis(axis, request)), request)
  }
}
