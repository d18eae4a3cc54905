public import PithGraph
import PithKernels
public import PithTensors

/// saturate(round(x / scale) + zero point), rounding ties to even.
///
/// Inputs: x, scales and zero points (0 where absent): one for all of x, one per place along
/// `axis`, or one per `blockSize` places along it.
public struct QuantizeLinear: Operator {
  public static let name = "QuantizeLinear"
  public static let examples = [
    Example(
      [
        .random([2, 3, 4]), .constant(Tensor(scalar: Float(0.05))),
        .constant(Tensor(scalar: UInt8(128))),
      ], differentiable: false),
    Example(
      [
        .random([2, 3, 4]), .constant(Tensor([0.1, 0.02, 0.5] as [Float])),
        .constant(Tensor([0, -3, 7] as [Int8])),
      ], differentiable: false),
    Example(
      [
        .random([2, 3]), .constant(Tensor([0.1, 0.02, 0.5] as [Float])),
        .constant(Tensor([0, 300, 7] as [UInt16])),
      ], ["axis": .int(-1)], differentiable: false),
    Example(
      [.random([2, 3]), .constant(Tensor(scalar: Float(0.2)))], ["output_dtype": .int(22)],
      differentiable: false),
    Example(
      [.random([2, 5]), .constant(Tensor([0.1, 0.2, 0.3, 0.4, 0.5, 0.6] as [Float], [2, 3]))],
      ["axis": .int(1), "block_size": .int(2), "output_dtype": .int(3)], differentiable: false),
    Example(
      [.random([3, 2]), .constant(Tensor([0.1, 0.2, 0.3, 0.4] as [Float], [2, 2]))],
      ["axis": .int(0), "block_size": .int(2)], differentiable: false),
  ]

  public let axis: Int
  /// Places along `axis` that share a scale; 0 where scales are not by blocks.
  public let blockSize: Int
  /// Type of the result where there is no zero point.
  public let outputType: DType?

  public init(axis: Int = 1, blockSize: Int = 0, outputType: DType? = nil) {
    self.axis = axis
    self.blockSize = blockSize
    self.outputType = outputType
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    let code = try attributes.int("output_dtype", default: 0)
    let type = quantizedTypes.first { $0.code == code }?.type
    guard code == 0 || type != nil else { throw .unsupported("output_dtype of \(code)") }
    self.init(
      axis: try attributes.int("axis", default: 1), blockSize: try blockSizeOfScales(attributes),
      outputType: type)
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if axis != 1 { values["axis"] = .int(axis) }
    if blockSize != 0 { values["block_size"] = .int(blockSize) }
    if let code = quantizedTypes.first(where: { $0.type == outputType })?.code {
      values["output_dtype"] = .int(code)
    }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    _ = try granularity(inputs, axis: axis, blockSize: blockSize)
    let zero = inputs.optional(2)
    if let zero, let outputType, zero.dtype != outputType { throw .type(input: 2, zero.dtype) }
    let dtype = zero?.dtype ?? outputType ?? .uint8
    guard dtype != .int32, quantizedTypes.contains(where: { $0.type == dtype }) else {
      throw .type(input: 2, dtype)
    }
    return [Fact(dtype, data.dimensions)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let data = inputs.optional(0)?.type.shape else { return .none }
    var links = AxisLinks(reason: "has a scale for several places of this axis")
    links.scales(inputs, data, axis: axis < 0 ? axis + data.rank : axis, blockSize: blockSize)
    return links
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let granularity = try resolving { () throws(ShapeError) in
      try PithOperators.granularity(request.inputFacts, axis: axis, blockSize: blockSize)
    }
    return try quantizeKernel(granularity, request)
  }
}

/// Whole-number types of quantized values and ONNX's codes for them.
let quantizedTypes: [(code: Int, type: DType)] = [
  (2, .uint8), (3, .int8), (4, .uint16), (5, .int16), (6, .int32), (21, .uint4), (22, .int4),
]

func blockSizeOfScales(_ attributes: Attributes) throws(AttributeError) -> Int {
  let size = try attributes.int("block_size", default: 0)
  guard size >= 0, size <= Int(Int32.max) else {
    throw .invalid("block_size", value: String(size))
  }
  return size
}

/// How scales (input 1) and zero points (input 2) belong to data (input 0).
func granularity(_ inputs: [Fact?], axis: Int, blockSize: Int) throws(ShapeError)
  -> QuantizationGranularity
{
  let (data, scale) = (try inputs.required(0), try inputs.required(1))
  if let zero = inputs.optional(2), zero.type.shape != scale.type.shape,
    // One number may be a scalar here and a vector there.
    zero.type.shape?.count != 1 || scale.type.shape?.count != 1
  {
    throw .mismatch(
      "zero points are \(text(zero.dimensions)), scales \(text(scale.dimensions))")
  }
  if blockSize == 0, scale.rank == 0 || scale.dimensions == [1] { return .tensor }
  let axis = try normalize(axis: axis, rank: data.rank)
  let mismatch = ShapeError.mismatch(
    "scales are \(text(scale.dimensions)), which does not fit axis \(axis) of \(text(data.dimensions))"
  )
  guard data.rank > 0 else { throw mismatch }
  if blockSize == 0 {
    guard scale.rank == 1, let count = scale.dimensions[0].size,
      data.dimensions[axis].size == nil || data.dimensions[axis].size == count
    else { throw mismatch }
    return .axis(axis)
  }
  guard scale.rank == data.rank else { throw mismatch }
  for place in 0..<data.rank {
    guard let have = data.dimensions[place].size, let scales = scale.dimensions[place].size else {
      continue
    }
    let expected = place == axis && have > 0 ? (have - 1) / blockSize + 1 : have
    guard scales == expected else { throw mismatch }
  }
  return .blocks(axis: axis, size: blockSize)
}
