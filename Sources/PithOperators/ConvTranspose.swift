public import PithGraph
import PithKernels
public import PithTensors

/// Transposed convolution ("deconvolution"): inputs data (N, C, spatial...), weight
/// (C, M/group, kernel...), bias (M); result (N, M, spatial...).
public struct ConvTranspose: Operator {
  public static let name = "ConvTranspose"
  public static let examples = [
    Example([.random([1, 3, 4, 4]), .random([3, 2, 3, 3]), .random([2])]),
    Example(
      [.random([2, 4, 3, 5]), .random([4, 3, 3, 2]), .random([3])],
      ["strides": .ints([2, 3]), "pads": .ints([1, 0, 0, 1])]),
    Example(
      [.random([1, 4, 3, 3]), .random([4, 2, 3, 3]), .random([4])],
      [
        "group": .int(2), "strides": .ints([2, 2]), "pads": .ints([1, 1, 1, 1]),
        "output_padding": .ints([1, 1]),
      ]),
    Example(
      [.random([1, 2, 5]), .random([2, 3, 3])], ["dilations": .ints([2]), "strides": .ints([2])]),
    Example(
      [.random([1, 2, 3, 3]), .random([2, 2, 3, 3])],
      ["strides": .ints([2, 2]), "auto_pad": .string("SAME_UPPER")]),
    Example(
      [.random([1, 2, 3, 3]), .random([2, 2, 4, 4])],
      ["strides": .ints([2, 2]), "output_shape": .ints([7, 6])]),
    Example(
      [.random([1, 2, 2, 3, 2]), .random([2, 2, 2, 2, 2])], ["strides": .ints([2, 1, 2])]),
  ]

  let window: WindowAttributes
  public private(set) var group: Int
  /// Added to the end of each spatial axis of the result.
  public let outputPadding: [Int]?
  /// Spatial extents of the result, from which the padding then follows.
  public let outputShape: [Int]?

  public init(
    strides: [Int]? = nil, pads: [Int]? = nil, dilations: [Int]? = nil, group: Int = 1,
    outputPadding: [Int]? = nil
  ) {
    window = WindowAttributes(strides: strides, dilations: dilations, pads: pads)
    self.group = group
    self.outputPadding = outputPadding
    outputShape = nil
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    window = try WindowAttributes(attributes)
    group = try attributes.int("group", default: 1)
    outputPadding = try attributes.ints("output_padding")
    outputShape = try attributes.ints("output_shape")
    guard group > 0 else { throw .invalid("group", value: String(group)) }
    for (name, list) in [("output_padding", outputPadding), ("output_shape", outputShape)] {
      if let bad = list?.first(where: { $0 < 0 || $0 > Int(Int32.max) }) {
        throw .invalid(name, value: String(bad))
      }
    }
  }

  public var attributes: Attributes {
    var values = window.values
    if group != 1 { values["group"] = .int(group) }
    if let outputPadding { values["output_padding"] = .ints(outputPadding) }
    if let outputShape { values["output_shape"] = .ints(outputShape) }
    return Attributes(values)
  }

  /// The convolution this is the transpose of, which leads from the result back to the input.
  func convolution(input: [Dimension], weight: [Dimension]) throws(ShapeError) -> (
    Convolution, output: [Dimension]
  ) {
    let rank = input.count
    var kernel: [Int] = []
    for dimension in weight.dropFirst(2) {
      guard let size = dimension.size else { throw .notConstant(input: 1, "the kernel's size") }
      kernel.append(size)
    }
    let strides = window.strides ?? [Int](repeating: 1, count: rank)
    let dilations = window.dilations ?? [Int](repeating: 1, count: rank)
    let pads = window.pads ?? [Int](repeating: 0, count: 2 * rank)
    let extra = outputPadding ?? [Int](repeating: 0, count: rank)
    guard kernel.count == rank, strides.count == rank, dilations.count == rank,
      pads.count == 2 * rank, extra.count == rank, (outputShape?.count ?? rank) == rank
    else { throw .invalid("the window has other axes than the input's \(rank) spatial ones") }
    var begin = Array(pads[..<rank])
    var end = Array(pads[rank...])
    var output: [Dimension] = []
    for axis in 0..<rank {
      let (span, overflow) = (kernel[axis] - 1).multipliedReportingOverflow(by: dilations[axis])
      guard kernel[axis] > 0, !overflow, span < Int(Int32.max) else {
        throw .invalid("a kernel of extent \(kernel[axis])")
      }
      guard let size = input[axis].size else {
        output.append(outputShape.map { .fixed($0[axis]) } ?? .unknown)
        continue
      }
      guard size > 0, size < Int(Int32.max) else { throw .invalid("an input extent of \(size)") }
      let full = strides[axis] * (size - 1) + extra[axis] + span + 1
      let wanted: Int?
      switch window.autoPad {
      case .sameUpper, .sameLower: wanted = outputShape?[axis] ?? size * strides[axis]
      case .valid, .notSet: wanted = outputShape?[axis]
      }
      if let wanted {
        let total = max(0, full - wanted)
        begin[axis] = window.autoPad == .sameUpper ? total / 2 : total - total / 2
        end[axis] = total - begin[axis]
      } else if window.autoPad == .valid {
        (begin[axis], end[axis]) = (0, 0)
      }
      let extent = wanted ?? full - begin[axis] - end[axis]
      guard extent > 0 else { throw .mismatch("the padding leaves nothing of the result") }
      output.append(.fixed(extent))
      // What lies beyond the last window is taken off the padding where a stride would fit in.
      let room = extent + begin[axis] + end[axis] - span - 1
      end[axis] -= max(0, (room / strides[axis] - (size - 1)) * strides[axis])
    }
    let window = Window(
      kernel: kernel, strides: strides, dilations: dilations, padsBegin: begin, padsEnd: end)
    return (Convolution(window: window, groups: group), output)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (data, weight) = (try inputs.required(0), try inputs.required(1))
    guard data.rank >= 3 else { throw .rank(input: 0, expected: "3 or more", actual: data.rank) }
    guard weight.rank == data.rank else {
      throw .rank(input: 1, expected: String(data.rank), actual: weight.rank)
    }
    if let channels = data.dimensions[1].size, let expected = weight.dimensions[0].size,
      channels != expected || channels % group != 0
    {
      throw .mismatch(
        "weight is \(text(weight.dimensions))\(group > 1 ? " in \(group) groups" : "") but the input has \(channels) channels"
      )
    }
    if let kernel = window.kernel, kernel.map(Dimension.fixed) != Array(weight.dimensions[2...]) {
      throw .mismatch("kernel_shape \(kernel) does not fit weight \(text(weight.dimensions))")
    }
    var filters = Dimension.unknown
    if let size = weight.dimensions[1].size {
      let (product, overflow) = size.multipliedReportingOverflow(by: group)
      guard !overflow else { throw .invalid("the result has too many channels") }
      filters = .fixed(product)
    }
    if let bias = inputs.optional(2), bias.dimensions != [filters] {
      throw .mismatch("bias is \(text(bias.dimensions)), expected \(filters)")
    }
    let (_, spatial) = try convolution(
      input: Array(data.dimensions[2...]), weight: weight.dimensions)
    return [Fact(data.dtype, [data.dimensions[0], filters] + spatial)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let data = inputs.optional(0)?.type.shape, let weight = inputs.optional(1)?.type.shape
    else {
      return .none
    }
    var links = AxisLinks()
    let channels = grouped(weight)
    links.link(.input(0, 0), .output(0, 0), count: data[0])
    links.link(.input(1, 0), .input(0, 1), count: weight[0])
    if inputs.optional(2) != nil {
      links.link(.input(2, 0), .output(0, 1), count: channels.outer * group)
    }
    if channels.removesGroups {
      channels.linkGroups(&links, from: .input(0, 1), to: .output(0, 1))
    } else {
      links.repeated(.input(0, 1), every: channels.inner, count: group)
      channels.linkPlaces(&links, .output(0, 1), with: .input(1, 1), size: channels.outer)
      links.sum(over: .input(0, 1))
    }
    return links
  }

  private func grouped(_ weight: Shape) -> GroupedChannels {
    GroupedChannels(groups: group, inner: weight[0] / group, outer: weight[1])
  }

  public func narrowed(_ narrowing: Narrowing) throws(ShapeError) -> Narrowed {
    guard let weight = narrowing.inputs.optional(1)?.type.shape else { return Narrowed(self) }
    var result = self
    result.group = grouped(weight).groupsLeft(narrowing)
    return Narrowed(result)
  }

  /// One multiply-accumulate per weight and input position.
  public func cost(_ inputs: [Fact?], _ outputs: [Fact]) -> Cost {
    guard let weight = inputs.optional(1)?.type.shape, let data = inputs.optional(0)?.type.shape,
      data.rank > 2
    else { return Cost() }
    return Cost(macs: weight.count * data[0] * data.dimensions[2...].reduce(1, *))
  }

  public func role(ofInput index: Int) -> WeightRole? {
    index == 1 ? .weight : index == 2 ? .bias : nil
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], let data = node.inputs[0], let weight = node.inputs[1] else {
      return []
    }
    var results: [Value?] = [nil, nil, nil]
    if wanted[0] {
      results[0] = try graph.add(ConvTransposeDataGradient(self), gradient, weight, data)
    }
    if wanted[1] {
      results[1] = try graph.add(ConvTransposeWeightGradient(self), data, gradient, weight)
    }
    if node.inputs.count > 2, wanted[2], let bias = node.inputs[2] {
      results[2] = try graph.add(ChannelSum(), gradient, bias)
    }
    return results
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try bound(request.input(0), request.input(1)).transposed(request)
  }

  func bound(_ data: KernelRequest.Operand, _ weight: KernelRequest.Operand)
    throws(KernelError) -> Convolution
  {
    try resolving { () throws(ShapeError) in
      try convolution(
        input: data.shape.dimensions.dropFirst(2).map(Dimension.fixed),
        weight: weight.shape.dimensions.map(Dimension.fixed)
      ).0
    }
  }
}

/// dL/d(data) of a transposed convolution: a convolution.
///
/// Inputs: dL/dy, weight, data (of which only the type matters).
public struct ConvTransposeDataGradient: Operator {
  public static let name = "ConvTransposeDataGradient"
  public static let domain = "pith"
  let forward: ConvTranspose

  init(_ forward: ConvTranspose) { self.forward = forward }
  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(try ConvTranspose(attributes))
  }

  public var attributes: Attributes { forward.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(2).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    var product = request
    product.inputs[2] = nil
    return try forward.bound(request.output(0), request.input(1)).forward(product)
  }
}

/// dL/d(weight) of a transposed convolution: that of a convolution with data and gradient in each
/// other's place.
///
/// Inputs: data, dL/dy, weight (of which only the type matters).
public struct ConvTransposeWeightGradient: Operator {
  public static let name = "ConvTransposeWeightGradient"
  public static let domain = "pith"
  let forward: ConvTranspose

  init(_ forward: ConvTranspose) { self.forward = forward }
  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(try ConvTranspose(attributes))
  }

  public var attributes: Attributes { forward.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(2).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try forward.bound(request.input(0), request.output(0)).gradientOfWeights(request)
  }
}

/// The sum over all axes but the second: dL/d(bias) of one number per channel.
///
/// Inputs: dL/dy (N, C, spatial...), bias (C, of which only the type matters).
public struct ChannelSum: Operator {
  public static let name = "ChannelSum"
  public static let domain = "pith"

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(1).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let shape = try request.input(0).shape
    var kept = [Int](repeating: 1, count: shape.rank)
    kept[1] = shape[1]
    return try reductionKernel(.sum, request, kept: Shape(kept))
  }
}
