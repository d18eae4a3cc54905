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

  public let strides: [Int]?
  public let dilations: [Int]?
  /// Begins of all axes, then ends.
  public let pads: [Int]?

  public init(strides: [Int]? = nil, dilations: [Int]? = nil, pads: [Int]? = nil) {
    self.strides = strides
    self.dilations = dilations
    self.pads = pads
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    let window = try WindowAttributes(attributes)
    self.init(strides: window.strides, dilations: window.dilations, pads: window.pads)
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if let strides { values["strides"] = .ints(strides) }
    if let dilations { values["dilations"] = .ints(dilations) }
    if let pads { values["pads"] = .ints(pads) }
    return Attributes(values)
  }

  /// How the window slides: for each axis the extents of image and window, and the positions.
  private struct Sliding {
    var image: [Int]
    var window: [Int]
    var positions: [Int] = []
    var strides: [Int]
    var dilations: [Int]
    var begins: [Int]
    var windowCount = 0
    var positionCount = 0
  }

  private func sliding(_ inputs: [Fact?]) throws(ShapeError) -> Sliding {
    let image = try inputs.knownIntegers(1, "the image's extents")
    let window = try inputs.knownIntegers(2, "the window's extents")
    let rank = image.count
    guard window.count == rank, rank > 0, strides?.count ?? rank == rank,
      dilations?.count ?? rank == rank, pads?.count ?? 2 * rank == 2 * rank
    else { throw .mismatch("image, window, strides, dilations and pads have different ranks") }
    guard (image + window).allSatisfy({ $0 >= 1 && $0 <= Int(Int32.max) }),
      let windows = Shape(window).checkedCount, let pixels = Shape(image).checkedCount,
      windows <= Int(Int32.max), pixels <= Int(Int32.max)
    else { throw .invalid("an image \(Shape(image)) with a window \(Shape(window))") }
    let ones = [Int](repeating: 1, count: rank)
    let zeros = [Int](repeating: 0, count: 2 * rank)
    let pads = self.pads ?? zeros
    var result = Sliding(
      image: image, window: window, strides: strides ?? ones, dilations: dilations ?? ones,
      begins: Array(pads.prefix(rank)), windowCount: windows)
    for axis in 0..<rank {
      let span = (window[axis] - 1) * result.dilations[axis] + 1
      let room = image[axis] + pads[axis] + pads[rank + axis] - span
      guard room >= 0 else {
        throw .mismatch("a window of \(span) places does not fit \(image[axis])")
      }
      result.positions.append(room / result.strides[axis] + 1)
    }
    guard let positions = Shape(result.positions).checkedCount else {
      throw .invalid("too many positions of the window")
    }
    result.positionCount = positions
    return result
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    guard data.rank == 3 else { throw .rank(input: 0, expected: "3", actual: data.rank) }
    let sliding = try sliding(inputs)
    if let have = data.dimensions[2].size, have != sliding.positionCount {
      throw .mismatch("\(have) columns for \(sliding.positionCount) positions of the window")
    }
    var channels = Dimension.unknown
    if let rows = data.dimensions[1].size {
      guard rows.isMultiple(of: sliding.windowCount) else {
        throw .mismatch("\(rows) rows for a window of \(sliding.windowCount) places")
      }
      channels = .fixed(rows / sliding.windowCount)
    }
    return [
      Fact(data.dtype, [data.dimensions[0], channels] + sliding.image.map(Dimension.fixed))
    ]
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
    let sliding = try resolving { () throws(ShapeError) in try self.sliding(inputs) }
    let planes = data[0] * (data[1] / sliding.windowCount)
    let pixels = Shape(sliding.image)
    guard planes > 0, data.count > 0 else {
      return (ColumnPlaces(places: [], planeCount: pixels.count), planes)
    }
    let strides = pixels.strides
    let (windows, positions) = (Shape(sliding.window).strides, Shape(sliding.positions).strides)
    var places: [Int32] = []
    places.reserveCapacity(sliding.windowCount * sliding.positionCount)
    for inside in 0..<sliding.windowCount {
      for position in 0..<sliding.positionCount {
        var place = 0
        for axis in strides.indices where place >= 0 {
          let at =
            position / positions[axis] % sliding.positions[axis] * sliding.strides[axis]
            + inside / windows[axis] % sliding.window[axis] * sliding.dilations[axis]
            - sliding.begins[axis]
          place = (0..<sliding.image[axis]).contains(at) ? place + at * strides[axis] : -1
        }
        places.append(Int32(place))
      }
    }
    return (ColumnPlaces(places: places, planeCount: pixels.count), planes)
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
