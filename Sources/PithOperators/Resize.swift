public import PithGraph
import PithKernels
public import PithTensors

/// The input sampled at another resolution.
///
/// Inputs: data, the region (starts, then ends, as shares of the extents; only read where
/// coordinates are `cropAndResize`), and either scales (float) or sizes (whole numbers) for all
/// axes or for those that the attribute `axes` names.
public struct Resize: Operator {
  public enum Mode: String, Sendable, CaseIterable { case nearest, linear, cubic }

  /// How a place of the result is turned into a place of the data.
  public enum Coordinates: String, Sendable, CaseIterable {
    case halfPixel = "half_pixel"
    case halfPixelSymmetric = "half_pixel_symmetric"
    case pytorchHalfPixel = "pytorch_half_pixel"
    case alignCorners = "align_corners"
    case asymmetric
    /// The region (input 1) is what is resized.
    case cropAndResize = "tf_crop_and_resize"
  }

  /// How a place between two elements is rounded to one of them.
  public enum Rounding: String, Sendable, CaseIterable {
    case preferFloor = "round_prefer_floor"
    case preferCeil = "round_prefer_ceil"
    case floor
    case ceil
  }

  /// What `sizes` mean where their proportions differ from the data's.
  public enum AspectRatio: String, Sendable, CaseIterable {
    case stretch
    case notLarger = "not_larger"
    case notSmaller = "not_smaller"
  }

  public static let name = "Resize"
  public static let examples =
    [
      example([1, 2, 3, 4], scales: [1, 1, 2, 2], ["mode": .string("nearest")]),
      example(
        [1, 2, 3, 4], scales: [1, 1, 2, 2],
        ["coordinate_transformation_mode": .string("asymmetric"), "nearest_mode": .string("floor")]
      ),
      example(
        [1, 1, 5, 7], sizes: [1, 1, 3, 4],
        [
          "coordinate_transformation_mode": .string("align_corners"),
          "nearest_mode": .string("ceil"),
        ]),
      example([2, 2, 3, 4], scales: [1, 1, 2, 1.5], ["mode": .string("linear")]),
      example(
        [1, 1, 4, 4], sizes: [1, 1, 7, 3],
        ["mode": .string("linear"), "coordinate_transformation_mode": .string("align_corners")]),
      example(
        [1, 2, 5], scales: [1, 1, 0.5],
        [
          "mode": .string("linear"),
          "coordinate_transformation_mode": .string("pytorch_half_pixel"),
        ]
      ),
      example(
        [1, 1, 4, 4], scales: [1, 1, 1.5, 2],
        ["mode": .string("cubic"), "cubic_coeff_a": .float(-0.5), "exclude_outside": .int(1)]),
      example([4, 6], sizes: [9], ["axes": .ints([1])]),
      example(
        [1, 1, 4, 6], sizes: [8, 9],
        ["axes": .ints([2, 3]), "keep_aspect_ratio_policy": .string("not_larger")]),
      example(
        [1, 1, 7, 5], sizes: [1, 1, 3, 4], ["mode": .string("linear"), "antialias": .int(1)]),
      example(
        [1, 1, 9, 4], scales: [1, 1, 0.4, 2], ["mode": .string("cubic"), "antialias": .int(1)]),
      Example(
        [
          .random([1, 1, 4, 5]), .constant(Tensor([0.2, -0.1, 0.9, 1.1] as [Float])), .absent,
          .constant(Tensor([3, 4] as [Int64])),
        ],
        [
          "mode": .string("linear"), "axes": .ints([2, 3]), "extrapolation_value": .float(0.5),
          "coordinate_transformation_mode": .string("tf_crop_and_resize"),
        ]),
    ]

  private static func example(
    _ shape: Shape, scales: [Float]? = nil, sizes: [Int64]? = nil, _ attributes: Attributes
  ) -> Example {
    var inputs: [Example.Input] = [.random(shape), .absent]
    inputs.append(scales.map { .constant(Tensor($0)) } ?? .absent)
    if let sizes { inputs.append(.constant(Tensor(sizes))) }
    return Example(inputs, attributes)
  }

  public let mode: Mode
  public let coordinates: Coordinates
  public let rounding: Rounding
  public let aspectRatio: AspectRatio
  /// Nil for all axes.
  public let axes: [Int]?
  public let cubicCoefficient: Float
  /// Whether taps outside the data are left out, instead of repeating the outermost element.
  public let excludesOutside: Bool
  /// Whether the taps of a shrunken axis are widened, so that all elements count.
  public let antialiases: Bool
  /// What lies outside of the data where a region is resized.
  public let extrapolation: Float

  public init(
    _ mode: Mode = .nearest, coordinates: Coordinates = .halfPixel,
    rounding: Rounding = .preferFloor, aspectRatio: AspectRatio = .stretch, axes: [Int]? = nil,
    cubicCoefficient: Float = -0.75, excludesOutside: Bool = false, antialiases: Bool = false,
    extrapolation: Float = 0
  ) {
    self.mode = mode
    self.coordinates = coordinates
    self.rounding = rounding
    self.aspectRatio = aspectRatio
    self.axes = axes
    self.cubicCoefficient = cubicCoefficient
    self.excludesOutside = excludesOutside
    self.antialiases = antialiases
    self.extrapolation = extrapolation
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(
      try choice(attributes, "mode", .nearest),
      coordinates: try choice(attributes, "coordinate_transformation_mode", .halfPixel),
      rounding: try choice(attributes, "nearest_mode", .preferFloor),
      aspectRatio: try choice(attributes, "keep_aspect_ratio_policy", .stretch),
      axes: try attributes.ints("axes"),
      cubicCoefficient: try attributes.float("cubic_coeff_a", default: -0.75),
      excludesOutside: try attributes.bool("exclude_outside", default: false),
      antialiases: try attributes.bool("antialias", default: false),
      extrapolation: try attributes.float("extrapolation_value", default: 0))
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if mode != .nearest { values["mode"] = .string(mode.rawValue) }
    if coordinates != .halfPixel {
      values["coordinate_transformation_mode"] = .string(coordinates.rawValue)
    }
    if rounding != .preferFloor { values["nearest_mode"] = .string(rounding.rawValue) }
    if aspectRatio != .stretch {
      values["keep_aspect_ratio_policy"] = .string(aspectRatio.rawValue)
    }
    if let axes { values["axes"] = .ints(axes) }
    if cubicCoefficient != -0.75 { values["cubic_coeff_a"] = .float(cubicCoefficient) }
    if excludesOutside { values["exclude_outside"] = .int(1) }
    if antialiases { values["antialias"] = .int(1) }
    if extrapolation != 0 { values["extrapolation_value"] = .float(extrapolation) }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    let resolution = try resolution(inputs)
    _ = try regions(inputs)
    return [Fact(data.dtype, resolution.map(\.extent))]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard coordinates != .cropAndResize else { return .none }
    var links = AxisLinks()
    links.along(inputs, outputs)
    return links
  }

  public func narrowed(_ narrowing: Narrowing) throws(ShapeError) -> Narrowed {
    guard let sizes = narrowing.inputs.optional(3), sizes.dimensions != [0] else {
      return Narrowed(self)
    }
    guard var target = sizes.integers else { throw .notConstant(input: 3, "the sizes") }
    let rank = narrowing.inputs.optional(0)?.rank ?? 0
    for (index, axis) in (axes ?? Array(0..<rank)).enumerated() where index < target.count {
      if let kept = narrowing.kept(.input(0, axis, rank: rank)) { target[index] = kept.count }
    }
    return Narrowed(self, constants: [3: Tensor(target.map(Int64.init))])
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], wanted[0] else { return [] }
    return [try graph.add(ResizeGradient(self), node.inputs + [gradient])[0]]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let resampling = try resamplings(request, data: request.input(0).shape)
    if coordinates == .cropAndResize, extrapolation != 0 {
      return try samplingKernel(resampling.map(\.sampling), request)
        .filling(resampling.map(\.isOutside), with: extrapolation, request)
    }
    if let function = libraryFunction(resampling, data: try request.input(0)),
      let plan = try? function.kernel(request)
    {
      return plan
    }
    if mode == .nearest {
      return try axisMapKernel(resampling.map(\.nearest), fill: nil, request)
    }
    return try samplingKernel(resampling.map(\.sampling), request)
  }

  /// The library's function that computes the same, for data in a blocked layout.
  func libraryFunction(_ axes: [Resampling], data: KernelRequest.Operand) -> ResamplingFunction? {
    guard !antialiases, !data.layout.isPlain, data.dtype == .float32, (3...5).contains(axes.count),
      axes.prefix(2).allSatisfy({ $0.from == $0.to })
    else { return nil }
    switch mode {
    case .nearest: return axes.allSatisfy(\.repeatsWhole) ? .nearest : nil
    case .linear: return axes.allSatisfy(\.isAboutCenters) ? .linear : nil
    case .cubic: return nil
    }
  }

  /// The sampling of each axis, of data of a known shape.
  func resamplings(_ request: KernelRequest, data: Shape) throws(KernelError) -> [Resampling] {
    let targets = try resolving { () throws(ShapeError) in try resolution(request.inputFacts) }
    let regions = try resolving { () throws(ShapeError) in try self.regions(request.inputFacts) }
    var result: [Resampling] = []
    for (axis, target) in targets.enumerated() {
      guard let extent = target.extent.size, data[axis] > 0 || extent == 0 else {
        throw .unsupported("resizing an empty axis")
      }
      result.append(
        Resampling(
          resize: self, from: data[axis], to: extent, scale: target.scale, region: regions[axis]))
    }
    return result
  }
}

/// One of the words that an attribute may be.
func choice<Choice: RawRepresentable<String>>(
  _ attributes: Attributes, _ name: String, _ fallback: Choice
) throws(AttributeError) -> Choice {
  let word = try attributes.string(name, default: fallback.rawValue)
  guard let choice = Choice(rawValue: word) else {
    throw .unsupported("\(name) '\(word)'")
  }
  return choice
}

/// dL/d(data) of a `Resize`: the transposed sampling.
///
/// Inputs: those of the resizing (of data only the type matters), then dL/dy.
public struct ResizeGradient: Operator {
  public static let name = "ResizeGradient"
  public static let domain = "pith"
  let forward: Resize

  init(_ forward: Resize) { self.forward = forward }
  public init(_ attributes: Attributes) throws(AttributeError) { self.init(try Resize(attributes)) }

  public var attributes: Attributes { forward.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(0).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    var forward = request
    forward.inputs.removeLast()
    let axes = try self.forward.resamplings(forward, data: request.output(0).shape)
    let last = request.inputs.count - 1
    if let function = self.forward.libraryFunction(axes, data: try request.input(0)),
      let plan = try? function.gradientKernel(request, upstream: last)
    {
      return plan
    }
    return try samplingKernel(
      axes.map(\.sampling.transposed), request, input: last)
  }
}
