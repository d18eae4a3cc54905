public import PithGraph
import PithKernels
public import PithTensors

/// Parts of the input along `axis`: as long as input 1 says, or `count` parts of equal length (the
/// last one shorter where it does not divide evenly).
public struct Split: Operator {
  public static let name = "Split"
  public static let examples = [
    Example(
      [.random([2, 7, 3]), .constant(Tensor([2, 4, 1] as [Int64]))], ["axis": .int(1)],
      outputCount: 3),
    Example([.random([6, 2])], ["num_outputs": .int(3)], outputCount: 3),
    Example([.random([2, 7])], ["axis": .int(-1), "num_outputs": .int(2)], outputCount: 2),
    Example([.random([5])], ["num_outputs": .int(1)]),
  ]

  public let axis: Int
  public let count: Int?

  public init(axis: Int = 0, count: Int? = nil) {
    self.axis = axis
    self.count = count
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    let count = attributes.has("num_outputs") ? try attributes.int("num_outputs") : nil
    if let count, count < 1 || count > 1 << 16 {
      throw .invalid("num_outputs", value: String(count))
    }
    self.init(axis: try attributes.int("axis", default: 0), count: count)
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if axis != 0 { values["axis"] = .int(axis) }
    if let count { values["num_outputs"] = .int(count) }
    return Attributes(values)
  }

  /// Extents of the parts, nil where they depend on an open one.
  private func sizes(_ inputs: [Fact?], extent: Dimension) throws(ShapeError) -> [Dimension] {
    if let sizes = try inputs.optionalIntegers(1, "the lengths of the parts") {
      var sum = 0
      for size in sizes {
        let (next, overflow) = sum.addingReportingOverflow(size)
        guard size >= 0, !overflow else { throw .invalid("a part of length \(size)") }
        sum = next
      }
      if let extent = extent.size, sum != extent {
        throw .mismatch("the parts have \(sum) places together, the axis has \(extent)")
      }
      return sizes.map(Dimension.fixed)
    }
    guard let count else {
      throw .invalid("neither the lengths of the parts nor their number is given")
    }
    guard let extent = extent.size else {
      return [Dimension](repeating: count == 1 ? extent : .unknown, count: count)
    }
    let length = extent == 0 ? 0 : (extent - 1) / count + 1
    return (0..<count).map { index in
      // Before `extent` is reached every part is full, so the product stays below it.
      let begin = index > extent ? extent : min(extent, index * length)
      return .fixed(min(length, extent - begin))
    }
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    guard data.rank > 0 else { throw .rank(input: 0, expected: "1 or more", actual: 0) }
    let axis = try normalize(axis: axis, rank: data.rank)
    var rest = data.rank == 1 ? data.elements?[...] : nil
    var facts: [Fact] = []
    for size in try sizes(inputs, extent: data.dimensions[axis]) {
      var fact = Fact(data.dtype, data.dimensions)
      fact.type.dimensions[axis] = size
      if let length = size.size, let known = rest, known.count >= length {
        fact.elements = Array(known.prefix(length))
        rest = known.dropFirst(length)
      } else {
        rest = nil
      }
      facts.append(fact)
    }
    return facts
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let data = inputs.optional(0)?.type.shape else { return .none }
    let cut = axis < 0 ? axis + data.rank : axis
    var links = AxisLinks()
    var begin = 0
    guard let parts = try? sizes(inputs, extent: .fixed(data[cut])) else { return .none }
    for axis in 0..<data.rank { links.free(.input(0, axis)) }
    for (slot, part) in parts.enumerated() where slot < outputs.count {
      let size = part.size ?? 0
      defer { begin += size }
      guard outputs[slot] != nil else { continue }
      for axis in 0..<data.rank where axis != cut {
        links.link(.input(0, axis), .output(slot, axis), count: data[axis])
      }
      links.link(.input(0, cut), .output(slot, cut), [AxisLink.Run(begin, 0, count: size)])
    }
    return links
  }

  public func narrowed(_ narrowing: Narrowing) throws(ShapeError) -> Narrowed {
    guard let data = narrowing.inputs.optional(0) else { return Narrowed(self) }
    let cut = axis < 0 ? axis + data.rank : axis
    guard let kept = narrowing.kept(.input(0, cut)) else { return Narrowed(self) }
    var begin = 0
    var lengths: [Int64] = []
    for part in try sizes(narrowing.inputs, extent: data.dimensions[cut]) {
      let end = begin + (part.size ?? 0)
      lengths.append(Int64(kept.count { $0 >= begin && $0 < end }))
      begin = end
    }
    return Narrowed(Split(axis: axis), constants: [1: Tensor(lengths)])
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard wanted[0] else { return [nil] }
    return [
      try graph.add(SplitGradient(axis: axis), [node.inputs[0]] + node.outputs + upstream)[0], nil,
    ]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let data = try request.input(0)
    let axis = axis < 0 ? axis + data.shape.rank : axis
    let lengths = try resolving { () throws(ShapeError) in
      try sizes(request.inputFacts, extent: .fixed(data.shape[axis]))
    }
    return try splitKernel(axis: axis, sizes: lengths.map { $0.size ?? 0 }, request)
  }
}

/// dL/d(data) of a split: the gradients of the parts one behind the other, zero where a part is
/// not used.
///
/// Inputs: data and the parts (of which only the types matter), then dL/d(part) of each part.
public struct SplitGradient: Operator {
  public static let name = "SplitGradient"
  public static let domain = "pith"
  let axis: Int

  init(axis: Int) { self.axis = axis }
  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(axis: try attributes.int("axis", default: 0))
  }

  public var attributes: Attributes { axis == 0 ? [:] : ["axis": .int(axis)] }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(0).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let result = try request.output(0)
    let axis = axis < 0 ? axis + result.shape.rank : axis
    let strides = result.shape.strides
    let count = request.inputs.count / 2
    var regions: [Region] = []
    var begin = 0
    for index in 1...max(count, 1) where index < request.inputs.count {
      let part = try request.input(index).shape
      if request.hasInput(index + count) {
        regions.append(
          Region(
            input: index + count, extents: part.dimensions, from: .init(strides: part.strides),
            to: .init(offset: begin * strides[axis], strides: strides)))
      }
      begin += part[axis]
    }
    return try regionsKernel(request, regions, zeroed: regions.count < count)
  }
}
