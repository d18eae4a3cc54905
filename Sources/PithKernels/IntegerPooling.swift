import CPithKernels
public import PithTensors

/// Means of bytes over windows, and bytes put one behind the other, with the channels innermost.
public struct IntegerMean: Sendable, Hashable {
  public var window: Window
  /// Factor of a window's mean, and what is added to it.
  public var factor: Float
  public var shift: Float
  /// What the result is held to; not for a float.
  public var low: Float
  public var high: Float
  /// Whether the padding counts, as zeros of the float that the bytes stand for.
  public var countsPadding: Bool
  /// The byte that stands for zero.
  public var zero: Int

  public init(
    window: Window, factor: Float, shift: Float, low: Float, high: Float, countsPadding: Bool,
    zero: Int
  ) {
    self.window = window
    self.factor = factor
    self.shift = shift
    self.low = low
    self.high = high
    self.countsPadding = countsPadding
    self.zero = zero
  }

  /// Input: data (N, C, H, W) or (N, C, W). Output: bytes, factor mean(x) + shift rounded to
  /// nearest, or float32.
  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let (data, result) = (try request.input(0), try request.output(0))
    guard data.shape.rank == 3 || data.shape.rank == 4 else {
      throw .unsupported("means of rank \(data.shape.rank)")
    }
    let flat = data.shape.rank == 3
    func pair(_ values: [Int]) -> (Int, Int) { flat ? (1, values[0]) : (values[0], values[1]) }
    func size(_ shape: Shape) -> (Int, Int) { flat ? (1, shape[2]) : (shape[2], shape[3]) }
    var mean = pith_byte_mean()
    (mean.batch, mean.channels) = (data.shape[0], data.shape[1])
    (mean.height, mean.width) = size(data.shape)
    (mean.out_height, mean.out_width) = size(result.shape)
    mean.kernel = pair(window.kernel)
    mean.stride = pair(window.strides)
    mean.dilation = pair(window.dilations)
    mean.begin = flat ? (0, window.padsBegin[0]) : (window.padsBegin[0], window.padsBegin[1])
    let sourceOffset = data.dtype == .int8 ? 128 : 0
    let offset: Float = result.dtype == .int8 ? 128 : 0
    mean.source_flip = data.dtype == .int8 ? 0x80 : 0
    mean.flip = result.dtype == .int8 ? 0x80 : 0
    mean.low = low + offset
    mean.high = high + offset
    let (factors, shifts) = coefficients(mean, sourceOffset: sourceOffset, offset: offset)
    return KernelPlan(
      inputs: [
        try MemoryDescriptor(channelsLast: data.dtype, data.shape).layout(data.dtype, data.shape)
      ],
      outputs: [
        try MemoryDescriptor(channelsLast: result.dtype, result.shape)
          .layout(result.dtype, result.shape)
      ], implementation: "bytes: mean", bind: binding(mean, factors, shifts, result.dtype))
  }

  private func binding(
    _ mean: pith_byte_mean, _ factors: [Float], _ shifts: [Float], _ dtype: DType
  ) -> (Buffers) -> () -> Void {
    { buffers in
      let from = buffers.input(0, as: UInt8.self)
      let to = buffers.outputs[0]!
      return {
        factors.withUnsafeBufferPointer { factors in
          shifts.withUnsafeBufferPointer { shifts in
            var mean = mean
            mean.factors = factors.baseAddress
            mean.shifts = shifts.baseAddress
            if dtype == .float32 {
              pith_mean_bytes_float(from, to.assumingMemoryBound(to: Float.self), &mean)
            } else {
              pith_mean_bytes(from, to.assumingMemoryBound(to: UInt8.self), &mean)
            }
          }
        }
      }
    }
  }

  /// Factor and shift of each window's sum of (unsigned) bytes.
  private func coefficients(_ mean: pith_byte_mean, sourceOffset: Int, offset: Float)
    -> ([Float], [Float])
  {
    func inside(_ place: Int, _ stride: Int, _ kernel: Int, _ step: Int, _ begin: Int, _ size: Int)
      -> Int
    {
      (0..<kernel).count { (0..<size).contains(place * stride + $0 * step - begin) }
    }
    var factors: [Float] = []
    var shifts: [Float] = []
    let whole = mean.kernel.0 * mean.kernel.1
    for row in 0..<mean.out_height {
      let rows = inside(
        row, mean.stride.0, mean.kernel.0, mean.dilation.0, mean.begin.0, mean.height)
      for column in 0..<mean.out_width {
        let columns = inside(
          column, mean.stride.1, mean.kernel.1, mean.dilation.1, mean.begin.1, mean.width)
        let count = rows * columns
        let divisor = countsPadding ? whole : max(count, 1)
        let perSum = factor / Float(divisor)
        // The padding is the byte that stands for zero; the sum holds what lies inside only.
        let padding = Float(countsPadding ? (whole - count) * zero : 0)
        factors.append(perSum)
        shifts.append(shift + offset + perSum * (padding - Float(count * sourceOffset)))
      }
    }
    return (factors, shifts)
  }
}

/// Output 0 is the inputs, bytes, one behind the other along the channels; an input with a table
/// is looked up in it.
public func byteConcatenationKernel(_ tables: [[UInt8]?], _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  let result = try request.output(0)
  var inputs: [Layout?] = []
  var channels: [Int] = []
  for index in tables.indices {
    let operand = try request.input(index)
    channels.append(operand.shape[1])
    inputs.append(
      try MemoryDescriptor(channelsLast: operand.dtype, operand.shape)
        .layout(operand.dtype, operand.shape))
  }
  let (stride, pixels) = (result.shape[1], result.shape.count / max(result.shape[1], 1))
  return KernelPlan(
    inputs: inputs,
    outputs: [
      try MemoryDescriptor(channelsLast: result.dtype, result.shape)
        .layout(result.dtype, result.shape)
    ], implementation: "bytes: concat"
  ) { buffers in
    let sources = buffers.inputs.map { $0!.assumingMemoryBound(to: UInt8.self) }
    let target = buffers.output(0, as: UInt8.self)
    return {
      var begin = 0
      for (index, source) in sources.enumerated() {
        let to = target + begin
        if let table = tables[index] {
          pith_place_channels(source, to, pixels, channels[index], stride, table)
        } else {
          pith_place_channels(source, to, pixels, channels[index], stride, nil)
        }
        begin += channels[index]
      }
    }
  }
}
