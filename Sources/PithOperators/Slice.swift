public import PithGraph
import PithKernels
public import PithTensors

/// Every `step`-th place from `start` up to (not including) `end` along some axes, as NumPy's
/// `x[start:end:step]`; a negative step goes backwards.
///
/// Inputs: data, starts, ends, and optionally the axes and the steps.
public struct Slice: Operator {
  public static let name = "Slice"
  public static let examples = [
    example([4, 6], starts: [1, 0], ends: [3, 5], axes: [0, 1], steps: [1, 2]),
    example([4, 6], starts: [-1], ends: [Int64.min], axes: [1], steps: [-1]),
    example([2, 7], starts: [5], ends: [-7], axes: [-1], steps: [-2]),
    example([2, 3, 4], starts: [1], ends: [1000], axes: [2]),
    example([5], starts: [2], ends: [4]),
    example([5], starts: [4], ends: [2], differentiable: false),
  ]

  private static func example(
    _ shape: Shape, starts: [Int64], ends: [Int64], axes: [Int64]? = nil, steps: [Int64]? = nil,
    differentiable: Bool = true
  ) -> Example {
    var inputs: [Example.Input] = [
      .random(shape), .constant(Tensor(starts)), .constant(Tensor(ends)),
    ]
    if let axes { inputs.append(.constant(Tensor(axes))) }
    if let steps { inputs.append(.constant(Tensor(steps))) }
    return Example(inputs, differentiable: differentiable)
  }

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    var fact = Fact(data.type)
    for (axis, cut) in try cuts(inputs) {
      if let range = cut.range(of: data.dimensions[axis]) {
        fact.type.dimensions[axis] = .fixed(range.count)
        if data.rank == 1, let elements = data.elements, elements.count == data.dimensions[0].size {
          fact.elements = range.places.map { elements[$0] }
        }
      } else if !cut.keepsAll(data.dimensions[axis]) {
        fact.type.dimensions[axis] = .unknown
      }
    }
    return [fact]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let data = inputs.optional(0)?.type.shape, let known = try? cuts(inputs) else {
      return .none
    }
    var links = AxisLinks()
    for axis in 0..<data.rank {
      guard let cut = known.first(where: { $0.axis == axis })?.cut else {
        links.link(.input(0, axis), .output(0, axis), count: data[axis])
        continue
      }
      guard let range = cut.range(of: .fixed(data[axis])) else { continue }
      if range.step == 1 {
        links.link(
          .input(0, axis), .output(0, axis), [AxisLink.Run(range.start, 0, count: range.count)])
      } else {
        let reason = "takes places of this axis in steps of \(range.step)"
        links.freeze(.input(0, axis), because: reason)
        links.freeze(.output(0, axis), because: reason)
      }
    }
    return links
  }

  public func narrowed(_ narrowing: Narrowing) throws(ShapeError) -> Narrowed {
    guard let data = narrowing.inputs.optional(0) else { return Narrowed(self) }
    let known = try cuts(narrowing.inputs)
    guard known.contains(where: { narrowing.kept(.input(0, $0.axis)) != nil }) else {
      return Narrowed(self)
    }
    var starts = try narrowing.inputs.knownIntegers(1, "the starts")
    var ends = try narrowing.inputs.knownIntegers(2, "the ends")
    for (index, (axis, cut)) in known.enumerated() {
      guard let kept = narrowing.kept(.input(0, axis)),
        let range = cut.range(of: data.dimensions[axis])
      else { continue }
      starts[index] = kept.count { $0 < range.start }
      ends[index] = kept.count { $0 < range.start + range.count }
    }
    return Narrowed(
      self, constants: [1: Tensor(starts.map(Int64.init)), 2: Tensor(ends.map(Int64.init))])
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], wanted[0] else { return [] }
    return [try graph.add(SliceGradient(), node.inputs + [gradient])[0]]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let (data, result) = (try request.input(0), try request.output(0))
    return try regionsKernel(
      request,
      [
        Region(
          extents: result.shape.dimensions, from: try place(in: data.shape, request),
          to: .init(strides: result.shape.strides))
      ])
  }
}

/// dL/d(data) of a slice: zero outside it.
///
/// Inputs: those of the slice (of data only the type matters), then dL/dy.
public struct SliceGradient: Operator {
  public static let name = "SliceGradient"
  public static let domain = "pith"

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(0).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let last = request.inputs.count - 1
    let (gradient, result) = (try request.input(last), try request.output(0))
    var forward = request
    forward.inputs.removeLast()
    return try regionsKernel(
      request,
      [
        Region(
          input: last, extents: gradient.shape.dimensions,
          from: .init(strides: gradient.shape.strides),
          to: try place(in: result.shape, forward))
      ], zeroed: true)
  }
}

/// Where the elements of a slice stand in its data.
private func place(in data: Shape, _ request: KernelRequest) throws(KernelError) -> Region.Place {
  let strides = data.strides
  var place = Region.Place(strides: strides)
  let known = try resolving { () throws(ShapeError) in try cuts(request.inputFacts) }
  for (axis, cut) in known {
    guard let range = cut.range(of: .fixed(data[axis])) else {
      throw .unsupported("a slice whose ends are computed while running")
    }
    // An empty slice, or one of a single place, may have any step.
    place.offset += range.count == 0 ? 0 : range.start * strides[axis]
    place.strides[axis] = range.count < 2 ? 0 : range.step * strides[axis]
  }
  return place
}

/// What a slice keeps of one axis: `start`, `end` and `step` as ONNX writes them.
private struct Cut {
  var start: Dimension
  var end: Dimension
  var step: Int

  /// Places of the axis, nil when they depend on what is not known.
  func range(of extent: Dimension) -> (start: Int, step: Int, count: Int, places: [Int])? {
    guard case .fixed(let extent) = extent, case .fixed(let start) = start,
      case .fixed(let end) = end, extent >= 0
    else { return nil }
    guard extent > 0 else { return (0, 1, 0, []) }
    func clamp(_ place: Int, _ low: Int, _ high: Int) -> Int {
      min(max(place < 0 ? place + extent : place, low), high)
    }
    let first = clamp(start, 0, step > 0 ? extent : extent - 1)
    let last = step > 0 ? clamp(end, 0, extent) : clamp(end, -1, extent - 1)
    let distance = step > 0 ? last - first : first - last
    let stride = Int(clamping: step.magnitude)
    let count = distance <= 0 ? 0 : (distance - 1) / stride + 1
    let places = count > largestShapeValue ? [] : (0..<count).map { first + $0 * step }
    return (first, count < 2 ? 1 : step, count, places)
  }

  /// Whether an axis of open extent is kept whole.
  func keepsAll(_ extent: Dimension) -> Bool {
    guard case .fixed(let start) = start else { return false }
    let far = Int(Int32.max)
    switch (step, end) {
    case (1, .named): return start == 0 && end == extent
    case (1, .fixed(let end)): return start == 0 && end >= far
    case (-1, .fixed(let end)): return (start == -1 || start >= far) && end <= -far
    default: return false
    }
  }
}

/// The axes that are cut, each once.
private func cuts(_ inputs: [Fact?]) throws(ShapeError) -> [(axis: Int, cut: Cut)] {
  let data = try inputs.required(0)
  let (starts, ends) = (try places(inputs, 1, "the starts"), try places(inputs, 2, "the ends"))
  guard starts.count <= data.rank else {
    throw .invalid("\(starts.count) axes are cut in a value of rank \(data.rank)")
  }
  let axes = try normalize(
    axes: try inputs.optionalIntegers(3, "the axes") ?? Array(starts.indices), rank: data.rank)
  let steps =
    try inputs.optionalIntegers(4, "the steps") ?? [Int](repeating: 1, count: starts.count)
  guard ends.count == starts.count, axes.count == starts.count, steps.count == starts.count else {
    throw .mismatch("starts, ends, axes and steps have different lengths")
  }
  guard !steps.contains(0) else { throw .invalid("a step of 0") }
  return axes.indices.map {
    (axes[$0], Cut(start: starts[$0], end: ends[$0], step: steps[$0]))
  }
}

private func places(_ inputs: [Fact?], _ index: Int, _ what: String) throws(ShapeError)
  -> [Dimension]
{
  let fact = try inputs.required(index)
  if let integers = fact.integers { return integers.map(Dimension.fixed) }
  guard let elements = fact.shapeElements else { throw .notConstant(input: index, what) }
  return elements
}
