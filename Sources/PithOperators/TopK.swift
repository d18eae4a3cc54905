public import PithGraph
import PithKernels
public import PithTensors

/// The k largest (or smallest) elements along an axis, best first, and their places.
///
/// Inputs: data and k, which must be known. Outputs: elements, places (int64).
public struct TopK: Operator {
  public static let name = "TopK"
  public static let examples = [
    Example([.random([3, 6]), .constant(Tensor([2] as [Int64]))], outputCount: 2),
    Example(
      [.random([4, 3, 2]), .constant(Tensor([3] as [Int64]))],
      ["axis": .int(0), "largest": .int(0)], outputCount: 2),
    Example(
      [.constant(Tensor([3, -1, 3, 250] as [Int16])), .constant(Tensor([3] as [Int64]))],
      ["sorted": .int(0)], outputCount: 2),
    Example([.random([5]), .constant(Tensor([0] as [Int64]))], outputCount: 2),
  ]

  public let axis: Int
  /// Whether the largest elements are meant, not the smallest.
  public let largest: Bool

  public init(axis: Int = -1, largest: Bool = true) {
    self.axis = axis
    self.largest = largest
  }

  /// `sorted` is not kept: the result is always in order.
  public init(_ attributes: Attributes) throws(AttributeError) {
    _ = try attributes.bool("sorted", default: true)
    self.init(
      axis: try attributes.int("axis", default: -1),
      largest: try attributes.bool("largest", default: true))
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if axis != -1 { values["axis"] = .int(axis) }
    if !largest { values["largest"] = .int(0) }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (data, counts) = (try inputs.required(0), try inputs.required(1))
    guard data.rank > 0 else { throw .rank(input: 0, expected: "1 or more", actual: 0) }
    let axis = try normalize(axis: axis, rank: data.rank)
    guard let known = counts.integers else { throw .notConstant(input: 1, "how many are wanted") }
    guard known.count == 1, known[0] >= 0 else {
      throw .invalid("\(known.prefix(4)) elements are wanted")
    }
    if let size = data.dimensions[axis].size, known[0] > size {
      throw .invalid("\(known[0]) elements are wanted of \(size)")
    }
    var dimensions = data.dimensions
    dimensions[axis] = .fixed(known[0])
    return [Fact(data.dtype, dimensions), Fact(.int64, dimensions)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let shape = inputs.optional(0)?.type.shape else { return .none }
    var links = AxisLinks()
    links.along(
      inputs, outputs, except: [axis < 0 ? axis + shape.rank : axis],
      because: "orders the places of this axis")
    return links
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], wanted[0], let data = node.inputs[0] else {
      return [nil, nil]
    }
    guard node.outputs.count > 1, let found = node.outputs[1] else {
      throw .notDifferentiable(node: node.name, operator: Self.name)
    }
    let rank = graph.type(of: data)?.rank ?? 0
    let places = IndexedSum(.elements(axis: axis < 0 ? axis + rank : axis))
    return [try graph.add(places, gradient, found, data), nil]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try selectKernel(axis: frontAxis(axis, request), largest: largest, request)
  }
}
