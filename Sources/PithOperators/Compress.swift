public import PithGraph
import PithKernels
public import PithTensors

/// The slices along `axis` (or, without one, the elements row by row) for which the condition holds.
///
/// Inputs: data and the condition (bool), which must be known before running.
public struct Compress: Operator {
  public static let name = "Compress"
  public static let examples = [
    Example([.random([3, 2]), .constant(Tensor([false, true, true]))], ["axis": .int(0)]),
    Example([.random([2, 3, 2]), .constant(Tensor([true, false]))], ["axis": .int(-2)]),
    Example([.random([3, 2]), .constant(Tensor([false, true, false, true, true]))]),
  ]

  /// Nil to take elements row by row.
  public let axis: Int?

  public init(axis: Int? = nil) { self.axis = axis }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(axis: attributes.has("axis") ? try attributes.int("axis") : nil)
  }

  public var attributes: Attributes { axis.map { ["axis": .int($0)] } ?? [:] }

  /// The places that are kept.
  private func kept(_ inputs: [Fact?], of extent: Dimension) throws(ShapeError) -> [Int]? {
    let condition = try inputs.required(1)
    guard condition.dtype == .bool else { throw .type(input: 1, condition.dtype) }
    guard condition.rank == 1 else {
      throw .rank(input: 1, expected: "1", actual: condition.rank)
    }
    if let have = extent.size, let count = condition.dimensions[0].size, count > have {
      throw .mismatch("a condition for \(count) places of \(have)")
    }
    guard let known = condition.integers else { return nil }
    return known.enumerated().filter { $0.element != 0 }.map(\.offset)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    guard let axis else {
      let places = try kept(inputs, of: DimensionProduct(data.dimensions).dimension)
      return [Fact(data.dtype, [places.map { .fixed($0.count) } ?? .unknown])]
    }
    guard data.rank > 0 else { throw .rank(input: 0, expected: "1 or more", actual: 0) }
    let front = try normalize(axis: axis, rank: data.rank)
    var dimensions = data.dimensions
    let places = try kept(inputs, of: dimensions[front])
    dimensions[front] = places.map { .fixed($0.count) } ?? .unknown
    return [Fact(data.dtype, dimensions)]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], wanted[0] else { return [] }
    return [
      try graph.add(CompressGradient(axis: axis), node.inputs[0], node.inputs[1], gradient), nil,
    ]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let data = try request.input(0).shape
    guard try request.output(0).shape.count > 0 else { return try regionsKernel(request, []) }
    let (flat, maps) = try maps(data, request)
    var plan = request
    plan.inputs[0]!.shape = flat
    return try axisMapKernel(maps, fill: nil, plan)
  }

  /// The shape the data is seen in, and what is kept of each axis.
  func maps(_ data: Shape, _ request: KernelRequest) throws(KernelError) -> (Shape, [[Int]]) {
    let seen = axis == nil ? Shape([data.count]) : data
    let front = axis.map { $0 < 0 ? $0 + data.rank : $0 } ?? 0
    let places = try resolving { () throws(ShapeError) in
      try kept(request.inputFacts, of: .fixed(seen[front]))
    }
    guard let places else { throw .unsupported("a condition that is computed while running") }
    return (
      seen, seen.dimensions.indices.map { $0 == front ? places : Array(0..<seen[$0]) }
    )
  }
}

/// dL/d(data) of a `Compress`: zero where nothing was kept.
///
/// Inputs: data (of which only the type matters), the condition, dL/dy.
public struct CompressGradient: Operator {
  public static let name = "CompressGradient"
  public static let domain = "pith"
  let forward: Compress

  init(axis: Int?) { forward = Compress(axis: axis) }
  public init(_ attributes: Attributes) throws(AttributeError) {
    forward = try Compress(attributes)
  }

  public var attributes: Attributes { forward.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(0).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    guard try request.input(2).shape.count > 0 else {
      return try regionsKernel(request, [], zeroed: true)
    }
    let (seen, maps) = try forward.maps(request.output(0).shape, request)
    let axes = maps.enumerated().map { axis, map in
      AxisSampling.map(map, sourceExtent: seen[axis]).transposed
    }
    var plan = request
    plan.outputs[0]!.shape = seen
    return try samplingKernel(axes, plan, input: 2)
  }
}
