public import PithGraph
import PithKernels
public import PithTensors

/// The input with places added before and behind along each axis, or taken off where an amount is
/// negative.
///
/// Inputs: data, the amounts (those before, then those behind), optionally the value to add (0) and
/// the axes (all).
public struct Pad: Operator {
  public enum Mode: String, Sendable, CaseIterable {
    /// One value everywhere.
    case constant
    /// Mirrored about the outermost element, which is not repeated.
    case reflect
    /// The outermost element repeated.
    case edge
    /// As if the data repeated.
    case wrap
  }

  public static let name = "Pad"
  public static let examples = [
    example([2, 3, 4], [0, 1, 2, 1, 0, 1]),
    Example([
      .random([3, 4]), .constant(Tensor([1, -1, 0, 2] as [Int64])),
      .constant(Tensor(scalar: Float(0.5))),
    ]),
    Example([
      .random([2, 3, 4]), .constant(Tensor([1, 2] as [Int64])), .absent,
      .constant(Tensor([-1] as [Int64])),
    ]),
    example([1, 2, 4, 5], [0, 0, 2, 1, 0, 0, 1, 3], ["mode": .string("reflect")]),
    example([2, 3], [1, 2, 0, 3], ["mode": .string("edge")]),
    example([2, 3], [1, 2, 3, 4], ["mode": .string("wrap")]),
  ]

  private static func example(
    _ shape: Shape, _ pads: [Int64], _ attributes: Attributes = [:]
  ) -> Example {
    Example([.random(shape), .constant(Tensor(pads))], attributes)
  }

  public let mode: Mode

  public init(_ mode: Mode = .constant) { self.mode = mode }

  public init(_ attributes: Attributes) throws(AttributeError) {
    let name = try attributes.string("mode", default: Mode.constant.rawValue)
    guard let mode = Mode(rawValue: name) else { throw .invalid("mode", value: name) }
    self.init(mode)
  }

  public var attributes: Attributes {
    mode == .constant ? [:] : ["mode": .string(mode.rawValue)]
  }

  /// Amounts before and behind, for every axis.
  private func amounts(_ inputs: [Fact?]) throws(ShapeError) -> [(before: Int, behind: Int)] {
    let rank = try inputs.required(0).rank
    let pads = try inputs.knownIntegers(1, "the amounts")
    let axes = try normalize(
      axes: try inputs.optionalIntegers(3, "the axes") ?? Array(0..<rank), rank: rank)
    guard pads.count == 2 * axes.count else {
      throw .mismatch("\(pads.count) amounts for \(axes.count) axes, expected twice as many")
    }
    if let bad = pads.first(where: { $0.magnitude > UInt(Int32.max) }) {
      throw .invalid("an amount of \(bad)")
    }
    var result = [(before: Int, behind: Int)](repeating: (0, 0), count: rank)
    for (index, axis) in axes.enumerated() {
      result[axis] = (pads[index], pads[axes.count + index])
    }
    return result
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    if let value = inputs.optional(2), value.dtype != data.dtype {
      throw .type(input: 2, value.dtype)
    }
    var dimensions: [Dimension] = []
    for (dimension, amount) in zip(data.dimensions, try amounts(inputs)) {
      guard case .fixed(let size) = dimension else {
        dimensions.append(amount == (0, 0) ? dimension : .unknown)
        continue
      }
      let (sum, overflow) = size.addingReportingOverflow(amount.before + amount.behind)
      guard !overflow, sum >= 0 else {
        throw .invalid("nothing is left of an extent of \(size)")
      }
      guard mode == .constant || size > 0 || sum == 0 else {
        throw .invalid("an empty axis cannot be padded from its own elements")
      }
      dimensions.append(.fixed(sum))
    }
    return [Fact(data.dtype, dimensions)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let data = inputs.optional(0)?.type.shape, let known = try? amounts(inputs) else {
      return .none
    }
    var links = AxisLinks()
    for (axis, amount) in known.enumerated() {
      guard mode == .constant || amount == (0, 0) else { continue }
      let (first, place) = (max(0, -amount.before), max(0, amount.before))
      let count = data[axis] - first - max(0, -amount.behind)
      links.link(.input(0, axis), .output(0, axis), [AxisLink.Run(first, place, count: count)])
    }
    return links
  }

  public func narrowed(_ narrowing: Narrowing) throws(ShapeError) -> Narrowed {
    guard let data = narrowing.inputs.optional(0) else { return Narrowed(self) }
    let known = try amounts(narrowing.inputs)
    let axes = try normalize(
      axes: try narrowing.inputs.optionalIntegers(3, "the axes") ?? Array(0..<data.rank),
      rank: data.rank)
    var (before, behind): ([Int64], [Int64]) = ([], [])
    for axis in axes {
      let (input, output) = (OperandAxis.input(0, axis), OperandAxis.output(0, axis))
      let amount = known[axis]
      // Places that are added lie in the result, those that are taken off in the data.
      before.append(
        Int64(
          amount.before >= 0
            ? narrowing.keptCount(output, below: amount.before)
            : -narrowing.keptCount(input, below: -amount.before)))
      let gone = narrowing.kept(amount.behind >= 0 ? output : input)
      let whole = narrowing.outputs.optional(0)?.dimensions[axis].size ?? 0
      let end =
        amount.behind >= 0
        ? whole - amount.behind : (data.dimensions[axis].size ?? 0) + amount.behind
      let left = gone.map { $0.count { $0 >= end } } ?? abs(amount.behind)
      behind.append(Int64(amount.behind >= 0 ? left : -left))
    }
    return Narrowed(self, constants: [1: Tensor(before + behind)])
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], wanted[0] else { return [] }
    return [try graph.add(PadGradient(self), node.inputs + [gradient])[0]]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    if request.hasInput(2), try request.input(2).constant == nil {
      throw .unsupported("a padding value that is computed while running")
    }
    let value = request.hasInput(2) ? try request.input(2).constant : nil
    return try axisMapKernel(maps(try request.input(0).shape, request), fill: value, request)
  }

  /// For each place of each axis of the result the place of the data it comes from; negative where
  /// it is new.
  func maps(_ data: Shape, _ request: KernelRequest) throws(KernelError) -> [[Int]] {
    let known = try resolving { () throws(ShapeError) in try amounts(request.inputFacts) }
    return known.enumerated().map { axis, amount in
      let extent = data[axis]
      return (0..<(extent + amount.before + amount.behind)).map { place in
        source(of: place - amount.before, extent: extent)
      }
    }
  }

  private func source(of place: Int, extent: Int) -> Int {
    guard place < 0 || place >= extent else { return place }
    switch mode {
    case .constant: return -1
    case .edge: return min(max(place, 0), extent - 1)
    case .wrap: return (place % extent + extent) % extent
    case .reflect:
      guard extent > 1 else { return 0 }
      let period = 2 * (extent - 1)
      let phase = (place % period + period) % period
      return min(phase, period - phase)
    }
  }
}

/// dL/d(data) of a padding: gradients of all copies of an element, added up.
///
/// Inputs: those of the padding (of data only the type matters), then dL/dy.
public struct PadGradient: Operator {
  public static let name = "PadGradient"
  public static let domain = "pith"
  let forward: Pad

  init(_ forward: Pad) { self.forward = forward }
  public init(_ attributes: Attributes) throws(AttributeError) { self.init(try Pad(attributes)) }

  public var attributes: Attributes { forward.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(0).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let data = try request.output(0).shape
    var forward = request
    forward.inputs.removeLast()
    let axes = try self.forward.maps(data, forward).enumerated().map { axis, map in
      AxisSampling.map(map, sourceExtent: data[axis]).transposed
    }
    return try samplingKernel(axes, request, input: request.inputs.count - 1)
  }
}
