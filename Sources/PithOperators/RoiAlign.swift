public import PithGraph
import PithKernels
public import PithTensors

/// Regions of images brought to one size by bilinear sampling; see `RegionAlignment`.
///
/// Inputs: images (N, C, H, W), regions (R, 4) as x1, y1, x2, y2, and the image of each (R).
public struct RoiAlign: Operator {
  public static let name = "RoiAlign"
  public static let examples = [
    Example(
      [
        .random([2, 2, 6, 6]), .constant(Tensor([0, 0, 5, 5, 1, 2, 4, 5] as [Float], [2, 4])),
        .constant(Tensor([0, 1] as [Int64])),
      ],
      [
        "output_height": .int(2), "output_width": .int(3), "sampling_ratio": .int(2),
        "mode": .string("max"), "coordinate_transformation_mode": .string("output_half_pixel"),
        "spatial_scale": .float(0.5),
      ], differentiable: false),
    Example(
      [
        .random([1, 1, 4, 4]), .constant(Tensor([0, 0, 3, 3] as [Float], [1, 4])),
        .constant(Tensor([0] as [Int64])),
      ], differentiable: false),
  ]
  let alignment: RegionAlignment
  public let height: Int
  public let width: Int

  public init(_ attributes: Attributes) throws(AttributeError) {
    height = try attributes.int("output_height", default: 1)
    width = try attributes.int("output_width", default: 1)
    for (name, size) in [("output_height", height), ("output_width", width)]
    where !(1...(1 << 20)).contains(size) {
      throw .invalid(name, value: String(size))
    }
    let mode = try attributes.string("mode", default: "avg")
    guard mode == "avg" || mode == "max" else { throw .invalid("mode", value: mode) }
    let coordinates = try attributes.string(
      "coordinate_transformation_mode", default: "half_pixel")
    guard coordinates == "half_pixel" || coordinates == "output_half_pixel" else {
      throw .invalid("coordinate_transformation_mode", value: coordinates)
    }
    let samples = try attributes.int("sampling_ratio", default: 0)
    guard (0...1024).contains(samples) else {
      throw .invalid("sampling_ratio", value: String(samples))
    }
    alignment = RegionAlignment(
      samples: samples, scale: try attributes.float("spatial_scale", default: 1),
      isHalfPixel: coordinates == "half_pixel", takesLargest: mode == "max")
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if height != 1 { values["output_height"] = .int(height) }
    if width != 1 { values["output_width"] = .int(width) }
    if alignment.samples != 0 { values["sampling_ratio"] = .int(alignment.samples) }
    if alignment.scale != 1 { values["spatial_scale"] = .float(alignment.scale) }
    if alignment.takesLargest { values["mode"] = .string("max") }
    if !alignment.isHalfPixel {
      values["coordinate_transformation_mode"] = .string("output_half_pixel")
    }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (images, regions) = (try inputs.required(0), try inputs.required(1))
    let places = try inputs.required(2)
    guard images.dtype.isFloatingPoint else { throw .type(input: 0, images.dtype) }
    guard regions.dtype == images.dtype else { throw .type(input: 1, regions.dtype) }
    guard places.dtype == .int64 else { throw .type(input: 2, places.dtype) }
    guard images.rank == 4 else { throw .rank(input: 0, expected: "4", actual: images.rank) }
    guard regions.rank == 2 else { throw .rank(input: 1, expected: "2", actual: regions.rank) }
    guard places.rank == 1 else { throw .rank(input: 2, expected: "1", actual: places.rank) }
    guard TensorType(regions.dtype, [places.dimensions[0], 4]).agrees(with: regions.type) else {
      throw .mismatch(
        "\(text(places.dimensions)) images for regions of shape \(text(regions.dimensions))")
    }
    return [
      Fact(
        images.dtype,
        [regions.dimensions[0], images.dimensions[1], .fixed(height), .fixed(width)])
    ]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    var links = AxisLinks()
    if let shape = inputs.optional(0)?.type.shape {
      links.link(.input(0, 1), .output(0, 1), count: shape[1])
    }
    return links
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try alignment.kernel(request)
  }
}
