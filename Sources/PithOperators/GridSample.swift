public import PithGraph
public import PithKernels
public import PithTensors

/// Images looked at where a grid says. Jaderberg et al., "Spatial transformer networks", 2015.
///
/// Inputs: images (N, C, spatial...) and a grid (N, places..., axes), whose coordinates run from -1
/// to 1 and have the last axis first; result (N, C, places...).
public struct GridSample: Operator {
  public static let name = "GridSample"
  public static let examples = [
    Example([.random([2, 3, 5, 5]), .random([2, 3, 2, 2], low: 0.05, high: 0.35)]),
    Example([
      .random([1, 2, 4, 5]),
      .constant(Tensor([-1.3, 0.2, 0.9, -0.4, 0.1, 1.1, 3, 0.5] as [Float], [1, 2, 2, 2])),
    ]),
    Example(
      [.random([1, 2, 4, 3]), .random([1, 2, 2, 2], low: -0.8, high: 0.8)],
      ["mode": .string("cubic"), "align_corners": .int(1)]),
    Example(
      [.random([1, 2, 4, 5]), .random([1, 3, 2, 2], low: -1.7, high: 1.7)],
      ["padding_mode": .string("reflection")], differentiable: false),
    Example(
      [.random([1, 1, 4, 5]), .random([1, 3, 2, 2], low: -1.7, high: 1.7)],
      ["padding_mode": .string("border"), "mode": .string("nearest")], differentiable: false),
    Example([.random([1, 2, 2, 3, 2]), .random([1, 2, 1, 2, 3], low: -0.6, high: 0.6)]),
  ]

  public let sampling: GridSampling

  public init(_ sampling: GridSampling = GridSampling()) { self.sampling = sampling }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(
      GridSampling(
        mode: try choice(attributes, "mode", .linear),
        padding: try choice(attributes, "padding_mode", .zeros),
        alignsCorners: try attributes.bool("align_corners", default: false)))
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if sampling.mode != .linear { values["mode"] = .string(sampling.mode.rawValue) }
    if sampling.padding != .zeros { values["padding_mode"] = .string(sampling.padding.rawValue) }
    if sampling.alignsCorners { values["align_corners"] = .int(1) }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (images, grid) = (try inputs.required(0), try inputs.required(1))
    guard images.dtype.isFloatingPoint else { throw .type(input: 0, images.dtype) }
    guard grid.dtype == images.dtype else { throw .type(input: 1, grid.dtype) }
    guard images.rank >= 3 else {
      throw .rank(input: 0, expected: "3 or more", actual: images.rank)
    }
    guard grid.rank == images.rank else {
      throw .rank(input: 1, expected: String(images.rank), actual: grid.rank)
    }
    if let axes = grid.dimensions[grid.rank - 1].size, axes != images.rank - 2 {
      throw .mismatch("\(axes) coordinates for \(images.rank - 2) spatial axes")
    }
    if let a = images.dimensions[0].size, let b = grid.dimensions[0].size, a != b {
      throw .mismatch("\(a) images and \(b) grids")
    }
    return [Fact(images.dtype, images.dimensions[..<2] + grid.dimensions[1...].dropLast())]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    var links = AxisLinks()
    links.channels(inputs, outputs)
    if let grid = inputs.optional(1)?.type.shape, grid.rank > 0 {
      links.link(.input(1, 0), .output(0, 0), count: grid[0])
    }
    return links
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0] else { return [nil, nil] }
    let both = try graph.add(
      GridSampleGradient(sampling), [node.inputs[0], node.inputs[1], gradient])
    return [wanted[0] ? both[0] : nil, wanted[1] ? both[1] : nil]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try sampling.kernel(request)
  }
}

/// dL/d(images) and dL/d(grid) of a `GridSample`. Inputs: images, grid, dL/dy.
public struct GridSampleGradient: Operator {
  public static let name = "GridSampleGradient"
  public static let domain = "pith"
  let sampling: GridSampling

  init(_ sampling: GridSampling) { self.sampling = sampling }
  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(try GridSample(attributes).sampling)
  }

  public var attributes: Attributes { GridSample(sampling).attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(0).type), Fact(try inputs.required(1).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try sampling.gradientKernel(request)
  }
}
