public import PithGraph
import PithKernels
public import PithTensors

/// An image put together from what a sliding window saw of it: overlapping elements are added.
///
/// Inputs: columns (N, C x window places, positions), the image's extents, the window's extents;
/// result (N, C, image...).
public struct Col2Im: Operator {
  public static let name = "Col2Im"
  public static let examples = [
    example([1, 5, 5], image: [5, 5], window: [1, 5]),
    example([2, 18, 4], image: [5, 5], window: [3, 3], ["strides": .ints([2, 2])]),
    example([1, 4, 5], image: [6, 6], window: [2, 2], ["dilations": .ints([1, 5])]),
    example([1, 5, 15], image: [5, 5], window: [1, 5], ["pads": .ints([0, 1, 0, 1])]),
  ]

  private static func example(
    _ columns: Shape, image: [Int64], window: [Int64], _ attributes: Attributes = [:]
  ) -> Example {
    Example(
      [.random(columns), .constant(Tensor(image)), .constant(Tensor(window))], attributes)
  }

  private let window: WindowAttributes

  public init(strides: [Int]? = nil, dilations: [Int]? = nil, pads: [Int]? = nil) {
    window = WindowAttributes(strides: strides, dilations: dilations, pads: pads)
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    let window = try WindowAttributes(attributes)
    self.init(strides: window.strides, dilations: window.dilations, pads: window.pads)
  }

  public var attributes: Attributes { Attributes(window.values) }

  /// How the window slides over an image, and at how many positions it stands along each axis.
  private func sliding(_ inputs: [Fact?]) throws(ShapeError) -> (
    image: [Int], window: Window, positions: [Int]
  ) {
    let image = try inputs.knownIntegers(1, "the image's extents")
    let extents = try inputs.knownIntegers(2, "the window's extents")
    guard !image.isEmpty, (image + extents).allSatisfy({ $0 >= 1 && $0 <= Int(Int32.max) }),
      let pixels = Shape(image).checkedCount, pixels <= Int(Int32.max),
      let taps = Shape(extents).checkedCount, taps <= Int(Int32.max)
    else { throw .invalid("an image \(Shape(image)) with a window \(Shape(extents))") }
    let (window, positions) = try self.window.resolve(
      input: image.map(Dimension.fixed), kernel: extents)
    let counts = positions.compactMap(\.size)
    guard Shape(counts).checkedCount != nil else {
      throw .invalid("too many positions of the window")
    }
    return (image, window, counts)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    guard data.rank == 3 else { throw .rank(input: 0, expected: "3", actual: data.rank) }
    let (image, window, positions) = try sliding(inputs)
    let (taps, places) = (Shape(window.kernel).count, Shape(positions).count)
    if let have = data.dimensions[2].size, have != places {
      throw .mismatch("\(have) columns for \(places) positions of the window")
    }
    var channels = Dimension.unknown
    if let rows = data.dimensions[1].size {
      guard rows.isMultiple(of: taps) else {
        throw .mismatch("\(rows) rows for a window of \(taps) places")
      }
      channels = .fixed(rows / taps)
    }
    return [Fact(data.dtype, [data.dimensions[0], channels] + image.map(Dimension.fixed))]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], wanted[0] else { return [] }
    return [try graph.add(Col2ImGradient(self), node.inputs + [gradient])[0]]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let (columns, planes) = try columns(of: request.input(0).shape, request.inputFacts)
    return try foldKernel(columns, planes: planes, request)
  }

  /// Where the columns lie in a plane, and the number of planes.
  func columns(of data: Shape, _ inputs: [Fact?]) throws(KernelError) -> (ColumnPlaces, Int) {
    let (image, window, positions) = try resolving { () throws(ShapeError) in
      try self.sliding(inputs)
    }
    let planes = data[0] * (data[1] / Shape(window.kernel).count)
    guard planes > 0, data.count > 0 else {
      return (ColumnPlaces(places: [], planeCount: Shape(image).count), planes)
    }
    return (window.columnPlaces(image: image, positions: positions), planes)
  }
}

/// dL/d(columns) of a `Col2Im`: what the window sees of the image's gradient.
///
/// Inputs: those of the operator (of the columns only the type matters), then dL/dy.
public struct Col2ImGradient: Operator {
  public static let name = "Col2ImGradient"
  public static let domain = "pith"
  let forward: Col2Im

  init(_ forward: Col2Im) { self.forward = forward }
  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(try Col2Im(attributes))
  }

  public var attributes: Attributes { forward.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(0).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let (columns, planes) = try forward.columns(
      of: request.output(0).shape, request.inputFacts.dropLast())
    var moved = request
    moved.inputs = [request.inputs[3]]
    var plan = try unfoldKernel(columns, planes: planes, moved)
    let bind = plan.bind
    plan.inputs = [nil, nil, nil] + plan.inputs
    plan.bind = { (buffers) throws(KernelError) in
      var inner = buffers
      inner.inputs = [buffers.inputs[3]]
      return try bind(inner)
    }
    return plan
  }
}
