public import PithGraph
import PithKernels
public import PithTensors

/// The slices of data along `axis` that the indices name: data (..., D, ...), indices (I...),
/// result (..., I..., ...). Negative indices count from the end.
public struct Gather: Operator {
  public static let name = "Gather"
  public static let examples = [
    Example([.random([5]), .constant(Tensor([0, 4, 4, -1, 2] as [Int64]))]),
    Example([.random([4]), .constant(Tensor([0, 1, 1, 3, 2, 0] as [Int32], [2, 3]))]),
    Example([.random([3, 4]), .constant(Tensor([2, 0] as [Int64]))]),
    Example([.random([2, 3, 4]), .constant(Tensor([1, 1] as [Int64]))], ["axis": .int(1)]),
    Example([.random([2, 3, 4]), .constant(Tensor(scalar: Int64(-1)))], ["axis": .int(-1)]),
    Example([.random([2, 3]), .constant(Tensor([] as [Int64]))], differentiable: false),
  ]

  public let axis: Int

  public init(axis: Int = 0) { self.axis = axis }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(axis: try attributes.int("axis", default: 0))
  }

  public var attributes: Attributes { axis == 0 ? [:] : ["axis": .int(axis)] }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (data, indices) = (try inputs.required(0), try inputs.required(1))
    guard data.rank > 0 else { throw .rank(input: 0, expected: "1 or more", actual: 0) }
    guard indices.dtype == .int64 || indices.dtype == .int32 else {
      throw .type(input: 1, indices.dtype)
    }
    let axis = try normalize(axis: axis, rank: data.rank)
    var fact = Fact(
      data.dtype, data.dimensions[..<axis] + indices.dimensions + data.dimensions[(axis + 1)...])
    if let elements = data.elements, data.rank == 1, indices.rank <= 1,
      let places = indices.integers, places.count <= largestShapeValue
    {
      var chosen: [Dimension] = []
      for place in places {
        guard place >= -elements.count, place < elements.count else {
          throw .invalid("index \(place) is outside the \(elements.count) elements")
        }
        chosen.append(elements[place < 0 ? place + elements.count : place])
      }
      fact.elements = chosen
    }
    return [fact]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let data = inputs.optional(0)?.type.shape, let indices = inputs.optional(1)?.type.shape
    else {
      return .none
    }
    let axis = axis < 0 ? axis + data.rank : axis
    var links = AxisLinks(reason: "looks places of this axis up by their number")
    for place in 0..<data.rank where place != axis {
      links.link(
        .input(0, place), .output(0, place < axis ? place : place - 1 + indices.rank),
        count: data[place])
    }
    for place in 0..<indices.rank {
      links.link(.input(1, place), .output(0, axis + place), count: indices[place])
    }
    if let places = distinctPlaces(inputs, extent: data[axis]) {
      links.link(
        .input(0, axis), .output(0, axis),
        places.enumerated().map { AxisLink.Run($1, $0, count: 1) })
    }
    return links
  }

  /// The places that a constant list of indices names, if it names none twice.
  private func distinctPlaces(_ inputs: [Fact?], extent: Int) -> [Int]? {
    guard let indices = inputs.optional(1), indices.rank == 1, indices.constant != nil,
      let numbers = indices.integers
    else { return nil }
    let places = numbers.map { $0 < 0 ? $0 + extent : $0 }
    return Set(places).count == places.count && places.allSatisfy { (0..<extent).contains($0) }
      ? places : nil
  }

  public func narrowed(_ narrowing: Narrowing) throws(ShapeError) -> Narrowed {
    guard let data = narrowing.inputs.optional(0) else { return Narrowed(self) }
    let axis = axis < 0 ? axis + data.rank : axis
    guard let kept = narrowing.kept(.input(0, axis)), let extent = data.dimensions[axis].size,
      let places = distinctPlaces(narrowing.inputs, extent: extent)
    else { return Narrowed(self) }
    let left = (narrowing.kept(.output(0, axis)) ?? Array(places.indices)).map { places[$0] }
    return Narrowed(
      self,
      constants: [1: Tensor(left.map { place in Int64(kept.firstIndex(of: place) ?? 0) })])
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], wanted[0] else { return [nil, nil] }
    return [
      try graph.add(GatherGradient(self), gradient, node.inputs[1], node.inputs[0]), nil,
    ]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let rank = try request.input(0).shape.rank
    return try gatherKernel(axis: axis < 0 ? axis + rank : axis, request)
  }
}

/// dL/d(data) of a gather: the gradients of all places that read an element, added up.
///
/// Inputs: dL/dy, indices, data (of which only the type matters).
public struct GatherGradient: Operator {
  public static let name = "GatherGradient"
  public static let domain = "pith"
  let forward: Gather

  init(_ forward: Gather) { self.forward = forward }
  public init(_ attributes: Attributes) throws(AttributeError) { self.init(try Gather(attributes)) }

  public var attributes: Attributes { forward.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(2).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let (axis, rank) = (forward.axis, try request.output(0).shape.rank)
    return try gatherGradientKernel(axis: axis < 0 ? axis + rank : axis, request)
  }
}
