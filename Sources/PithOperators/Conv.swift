public import PithGraph
public import PithKernels
public import PithTensors

/// Convolution: inputs data (N, C, spatial...), weight (O, C/group, kernel...), bias (O).
public struct Conv: Operator {
  public static let name = "Conv"
  public static let examples = [
    Example(
      [.random([2, 3, 5, 5]), .random([4, 3, 3, 3]), .random([4])], ["pads": .ints([1, 1, 1, 1])]),
    Example(
      [.random([1, 4, 6, 6]), .random([4, 1, 3, 3])], ["group": .int(4), "strides": .ints([2, 2])]),
    Example(
      [.random([1, 4, 7]), .random([6, 2, 3]), .random([6])],
      ["group": .int(2), "dilations": .ints([2])]),
    Example(
      [.random([1, 2, 4, 4, 4]), .random([3, 2, 2, 2, 2])], ["auto_pad": .string("SAME_UPPER")]),
  ]

  let window: WindowAttributes
  public let group: Int
  /// What is done to the result in passing; set by the compiler, never read from a file.
  public let post: PostOperations

  init(window: WindowAttributes, group: Int = 1, post: PostOperations = PostOperations()) {
    self.window = window
    self.group = group
    self.post = post
  }

  public init(
    strides: [Int]? = nil, pads: [Int]? = nil, dilations: [Int]? = nil, group: Int = 1
  ) {
    self.init(
      window: WindowAttributes(strides: strides, dilations: dilations, pads: pads), group: group)
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    let group = try attributes.int("group", default: 1)
    guard group > 0 else { throw .invalid("group", value: String(group)) }
    self.init(window: try WindowAttributes(attributes), group: group)
  }

  public var attributes: Attributes {
    var values = window.values
    if group != 1 { values["group"] = .int(group) }
    return Attributes(values)
  }

  public func adding(_ post: PostOperations) -> Conv {
    Conv(window: window, group: group, post: post)
  }

  func convolution(input: [Dimension], weight: [Dimension]) throws(ShapeError) -> (
    Convolution, output: [Dimension]
  ) {
    var kernel: [Int] = []
    for dimension in weight.dropFirst(2) {
      guard let size = dimension.size else { throw .notConstant(input: 1, "the kernel's size") }
      kernel.append(size)
    }
    let (window, output) = try self.window.resolve(input: Array(input.dropFirst(2)), kernel: kernel)
    return (Convolution(window: window, groups: group, post: post), output)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (data, weight) = (try inputs.required(0), try inputs.required(1))
    guard data.rank >= 3 else { throw .rank(input: 0, expected: "3 or more", actual: data.rank) }
    guard weight.rank == data.rank else {
      throw .rank(input: 1, expected: String(data.rank), actual: weight.rank)
    }
    if let channels = data.dimensions[1].size, let expected = weight.dimensions[1].size,
      !channels.isMultiple(of: group) || channels / group != expected
    {
      throw .mismatch(
        "weight is \(text(weight.dimensions))\(group > 1 ? " in \(group) groups" : "") but the input has \(channels) channels"
      )
    }
    if let filters = weight.dimensions[0].size, filters % group != 0 {
      throw .mismatch("\(filters) filters cannot be put into \(group) groups")
    }
    if let bias = inputs.optional(2), bias.dimensions != [weight.dimensions[0]] {
      throw .mismatch("bias is \(text(bias.dimensions)), expected \(weight.dimensions[0])")
    }
    if let kernel = window.kernel, kernel.map(Dimension.fixed) != Array(weight.dimensions[2...]) {
      throw .mismatch("kernel_shape \(kernel) does not fit weight \(text(weight.dimensions))")
    }
    let (_, spatial) = try convolution(input: data.dimensions, weight: weight.dimensions)
    return [Fact(data.dtype, [data.dimensions[0], weight.dimensions[0]] + spatial)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let data = inputs.optional(0)?.type.shape, let weight = inputs.optional(1)?.type.shape
    else {
      return .none
    }
    var links = AxisLinks()
    links.link(.input(0, 0), .output(0, 0), count: data[0])
    links.link(.input(1, 0), .output(0, 1), count: weight[0])
    if inputs.optional(2) != nil { links.link(.input(2, 0), .output(0, 1), count: weight[0]) }
    let channels = grouped(weight)
    if channels.removesGroups {
      channels.linkGroups(&links, from: .input(0, 1), to: .output(0, 1))
    } else {
      links.repeated(.output(0, 1), every: channels.outer, count: group)
      channels.linkPlaces(&links, .input(0, 1), with: .input(1, 1), size: channels.inner)
      links.sum(over: .input(0, 1))
    }
    return links
  }

  private func grouped(_ weight: Shape) -> GroupedChannels {
    GroupedChannels(groups: group, inner: weight[1], outer: weight[0] / group)
  }

  public func narrowed(_ narrowing: Narrowing) throws(ShapeError) -> Narrowed {
    guard let weight = narrowing.inputs.optional(1)?.type.shape else { return Narrowed(self) }
    return Narrowed(
      Conv(window: window, group: grouped(weight).groupsLeft(narrowing), post: post))
  }

  /// One multiply-accumulate per weight and output position.
  public func cost(_ inputs: [Fact?], _ outputs: [Fact]) -> Cost {
    guard let weight = inputs.optional(1)?.type.shape, let output = outputs.first?.type.shape,
      output.rank > 2
    else { return Cost() }
    return Cost(macs: weight.count * output[0] * output.dimensions[2...].reduce(1, *))
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
    let hasBias = node.inputs.count > 2 && node.inputs[2] != nil
    var results: [Value?] = [nil, nil, nil]
    if wanted[0] {
      results[0] = try graph.add(ConvDataGradient(self), gradient, weight, data)
    }
    if wanted[1] || (hasBias && wanted[2]) {
      let both = try graph.add(
        ConvWeightGradient(self, hasBias: hasBias), [gradient, data, weight])
      results[1] = both[0]
      if hasBias { results[2] = both[1] }
    }
    return results
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try bound(request.input(0), request.input(1)).forward(request)
  }

  /// The convolution for data and weights of fixed shapes.
  package func bound(_ data: KernelRequest.Operand, _ weight: KernelRequest.Operand)
    throws(KernelError) -> Convolution
  {
    do {
      return try convolution(
        input: data.shape.dimensions.map(Dimension.fixed),
        weight: weight.shape.dimensions.map(Dimension.fixed)
      ).0
    } catch { throw .unsupported(error.description) }
  }
}

/// dL/d(data) of a convolution. Inputs: dL/dy, weight, data (of which only the type matters).
public struct ConvDataGradient: Operator {
  public static let name = "ConvDataGradient"
  public static let domain = "pith"
  let forward: Conv

  init(_ forward: Conv) { self.forward = forward }
  public init(_ attributes: Attributes) throws(AttributeError) { self.init(try Conv(attributes)) }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(2).type)]
  }

  public func cost(_ inputs: [Fact?], _ outputs: [Fact]) -> Cost {
    forward.cost([nil, inputs.optional(1)], [inputs.optional(0)].compactMap(\.self))
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try forward.bound(request.output(0), request.input(1)).gradientOfData(request)
  }
}

/// dL/d(weight) and dL/d(bias) of a convolution. Inputs: dL/dy, data, weight (its type only).
public struct ConvWeightGradient: Operator {
  public static let name = "ConvWeightGradient"
  public static let domain = "pith"
  let forward: Conv
  let hasBias: Bool

  init(_ forward: Conv, hasBias: Bool) {
    self.forward = forward
    self.hasBias = hasBias
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(try Conv(attributes), hasBias: try attributes.bool("bias", default: false))
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let weight = try inputs.required(2)
    let gradient = Fact(weight.type)
    return hasBias ? [gradient, Fact(weight.dtype, [weight.dimensions[0]])] : [gradient]
  }

  public func cost(_ inputs: [Fact?], _ outputs: [Fact]) -> Cost {
    forward.cost([nil, inputs.optional(2)], [inputs.optional(0)].compactMap(\.self))
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try forward.bound(request.input(1), request.output(0)).gradientOfWeights(request)
  }
}
