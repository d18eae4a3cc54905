import CPithKernels
public import PithTensors

/// A value of bytes as whole numbers seen from outside: bounds are those of its type or closer.
extension DType {
  /// What is turned over in a byte so that it can be read as unsigned.
  fileprivate var flip: UInt8 { self == .int8 ? 0x80 : 0 }
  /// The number that an unsigned reading is larger by.
  fileprivate var offset: Float { self == .int8 ? 128 : 0 }
}

/// Output 0 = clamp(round(factors[0] a + factors[1] b + shift)), of two values of bytes of one
/// shape; in the layout of the first.
public func integerSumKernel(
  factors: (Float, Float), shift: Float, bounds: ClosedRange<Float>, _ request: KernelRequest
) throws(KernelError) -> KernelPlan {
  let (left, right, result) = (try request.input(0), try request.input(1), try request.output(0))
  var sum = pith_byte_sum()
  sum.left_factor = factors.0
  sum.right_factor = factors.1
  sum.shift =
    shift + result.dtype.offset - factors.0 * left.dtype.offset - factors.1 * right.dtype.offset
  sum.low = bounds.lowerBound + result.dtype.offset
  sum.high = bounds.upperBound + result.dtype.offset
  sum.left_flip = left.dtype.flip
  sum.right_flip = right.dtype.flip
  sum.flip = result.dtype.flip
  let layouts = try [left, right, result].map(byteLayout(like: left))
  let count = left.shape.count
  return KernelPlan(
    inputs: [layouts[0], layouts[1]], outputs: [layouts[2]],
    sharing: [.init(input: 0, output: 0), .init(input: 1, output: 0)],
    implementation: "bytes: sum"
  ) { buffers in
    let (a, b) = (buffers.input(0, as: UInt8.self), buffers.input(1, as: UInt8.self))
    let to = buffers.output(0, as: UInt8.self)
    return { withUnsafePointer(to: sum) { pith_sum_bytes(a, b, to, count, $0) } }
  }
}

/// Output 0 is `table` (256 bytes) looked up at each byte of input 0, in its layout.
public func byteTableKernel(_ table: [UInt8], _ request: KernelRequest) throws(KernelError)
  -> KernelPlan
{
  let (data, result) = (try request.input(0), try request.output(0))
  guard table.count == 256 else { throw .unsupported("a table of \(table.count) bytes") }
  let layouts = try [data, result].map(byteLayout(like: data))
  let count = data.shape.count
  return KernelPlan(
    inputs: [layouts[0]], outputs: [layouts[1]], sharing: [.init(input: 0, output: 0)],
    implementation: "bytes: table"
  ) { buffers in
    let from = buffers.input(0, as: UInt8.self)
    let to = buffers.output(0, as: UInt8.self)
    return { pith_look_up_bytes(from, to, count, table) }
  }
}

/// Output 0 is input 0 (float32) as bytes, saturate(round(x / scale) + zero), with the channels
/// innermost, no byte outside `bounds`.
public func encodeKernel(
  scale: Float, zero: Int, bounds: ClosedRange<Int>, _ request: KernelRequest
) throws(KernelError) -> KernelPlan {
  let (data, result) = (try request.input(0), try request.output(0))
  guard data.dtype == .float32, data.shape.rank > 2 else {
    throw .unsupported("\(data.dtype.rawValue) elements of rank \(data.shape.rank)")
  }
  let lying = try MemoryDescriptor(channelsLast: data.dtype, data.shape)
    .layout(data.dtype, data.shape)
  let offset = Int(result.dtype.offset)
  var encoding = pith_encoding()
  encoding.batch = data.shape[0]
  encoding.channels = data.shape[1]
  encoding.pixels = data.shape.dimensions[2...].reduce(1, *)
  encoding.scale = scale
  encoding.zero = Int32(zero + offset)
  encoding.low = Int32(bounds.lowerBound + offset)
  encoding.high = Int32(bounds.upperBound + offset)
  encoding.flip = result.dtype.flip
  let isLast = data.layout == lying
  if isLast {
    encoding.pixels *= encoding.channels
    encoding.channels = 1
  }
  return KernelPlan(
    inputs: [isLast ? lying : .plain(data.dtype, data.shape)],
    outputs: [
      try MemoryDescriptor(channelsLast: result.dtype, result.shape)
        .layout(result.dtype, result.shape)
    ], implementation: "bytes: encode"
  ) { buffers in
    let (from, to) = (buffers.input(0, as: Float.self), buffers.output(0, as: UInt8.self))
    return { withUnsafePointer(to: encoding) { pith_encode_channels_last(from, to, $0) } }
  }
}

/// Output 0 (float32) is (input 0 - zero) scale of bytes, in their layout.
public func decodeKernel(scale: Float, zero: Int, _ request: KernelRequest) throws(KernelError)
  -> KernelPlan
{
  let (data, result) = (try request.input(0), try request.output(0))
  let layouts = try [data, result].map(byteLayout(like: data))
  let count = data.shape.count
  let (flip, shift) = (data.dtype.flip, Int32(zero) + Int32(data.dtype.offset))
  return KernelPlan(
    inputs: [layouts[0]], outputs: [layouts[1]], implementation: "bytes: decode"
  ) { buffers in
    let (from, to) = (buffers.input(0, as: UInt8.self), buffers.output(0, as: Float.self))
    return { pith_dequantize_bytes(from, to, count, flip, shift, scale) }
  }
}

/// The layout of an operand of bytes that lies like `model`; row-major where that is in blocks.
private func byteLayout(like model: KernelRequest.Operand)
  -> (KernelRequest.Operand) throws(KernelError) -> Layout
{
  { (operand) throws(KernelError) in
    let last = try MemoryDescriptor(channelsLast: model.dtype, model.shape)
      .layout(model.dtype, model.shape)
    guard model.layout == last else { return .plain(operand.dtype, operand.shape) }
    return try MemoryDescriptor(channelsLast: operand.dtype, operand.shape)
      .layout(operand.dtype, operand.shape)
  }
}
