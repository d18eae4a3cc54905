public import PithGraph
import PithKernels
public import PithTensors

/// (x - zero point) scale, a float.
///
/// Inputs: x, scales and zero points (0 where absent): one for all of x, one per place along
/// `axis`, or one per `blockSize` places along it.
public struct DequantizeLinear: Operator {
  public static let name = "DequantizeLinear"
  public static let examples = [
    Example(
      [
        .constant(Tensor([0, 3, 128, 255] as [UInt8], [2, 2])),
        .constant(Tensor(scalar: Float(0.05))), .constant(Tensor(scalar: UInt8(128))),
      ], differentiable: false),
    Example(
      [
        .constant(Tensor([-128, 3, 127, 0, 1, 2] as [Int8], [1, 3, 2])),
        .constant(Tensor([0.1, 0.02, 0.5] as [Float])),
        .constant(Tensor([0, -3, 7] as [Int8])),
      ], differentiable: false),
    Example(
      [
        .constant(Tensor([-70000, 3, 12, 7] as [Int32], [2, 2])),
        .constant(Tensor([0.1, 0.02] as [Float])),
      ], ["axis": .int(0)], differentiable: false),
    Example(
      [
        .constant(Tensor(packing: [-8, 7, 3, -1, 0], .int4, [5])),
        .constant(Tensor(scalar: Float(0.25))),
      ], differentiable: false),
    Example(
      [
        .constant(Tensor([1, 2, 3, 4, 5, 6] as [UInt16], [2, 3])),
        .constant(Tensor([0.1, 0.2, 0.3, 0.4] as [Float], [2, 2])),
        .constant(Tensor([0, 1, 2, 3] as [UInt16], [2, 2])),
      ], ["block_size": .int(2)], differentiable: false),
  ]

  public let axis: Int
  /// Places along `axis` that share a scale; 0 where scales are not by blocks.
  public let blockSize: Int

  public init(axis: Int = 1, blockSize: Int = 0) {
    self.axis = axis
    self.blockSize = blockSize
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(
      axis: try attributes.int("axis", default: 1), blockSize: try blockSizeOfScales(attributes))
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if axis != 1 { values["axis"] = .int(axis) }
    if blockSize != 0 { values["block_size"] = .int(blockSize) }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (data, scale) = (try inputs.required(0), try inputs.required(1))
    guard quantizedTypes.contains(where: { $0.type == data.dtype }) else {
      throw .type(input: 0, data.dtype)
    }
    if let zero = inputs.optional(2), zero.dtype != data.dtype { throw .type(input: 2, zero.dtype) }
    _ = try granularity(inputs, axis: axis, blockSize: blockSize)
    return [Fact(scale.dtype, data.dimensions)]
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
    return try dequantizeKernel(granularity, request)
  }
}
