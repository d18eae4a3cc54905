import CPithKernels
public import PithTensors

/// Which inputs of a kernel make up a quantized operand: whole numbers of 8 bits, their zero point
/// (0 where nil or absent) and, where the result is quantized again, their scale.
public struct QuantizedOperand: Sendable, Hashable {
  public var data: Int
  public var scale: Int?
  public var zero: Int?

  public init(data: Int, scale: Int? = nil, zero: Int? = nil) {
    self.data = data
    self.scale = scale
    self.zero = zero
  }
}

/// What becomes of the 32-bit sums of an integer kernel: kept, or scaled to 8 bits by the scales of
/// the operands and that of the result.
public struct Requantization: Sendable, Hashable {
  public var scale: Int
  public var zero: Int?
  /// 32-bit, one per row of the product.
  public var bias: Int?

  public init(scale: Int, zero: Int? = nil, bias: Int? = nil) {
    self.scale = scale
    self.zero = zero
    self.bias = bias
  }
}

/// Output 0 is the product of two matrices, or of stacks of them stretched as NumPy does, in whole
/// numbers: int32, or requantized. Zero points and scales are one number, or one per row on the
/// left and one per column on the right.
public func integerMatrixProductKernel(
  _ left: QuantizedOperand, _ right: QuantizedOperand, _ requantization: Requantization?,
  _ request: KernelRequest
) throws(KernelError) -> KernelPlan {
  let (a, b) = (try request.input(left.data), try request.input(right.data))
  let stacks = try MatrixStacks(a.shape, b.shape)
  let (m, n, k) = (stacks.rows, stacks.columns, stacks.depth)
  let sides = (
    try IntegerSide(left, request, count: m), try IntegerSide(right, request, count: n)
  )
  let finish = try Finishing(
    requantization, request, rows: m, columns: n, left: left.scale, right: right.scale,
    byRow: true, byColumn: true)
  var memory = ScratchLayout()
  let (wideA, wideB) = (memory.reserve(m * k * 2), memory.reserve(k * n * 2))
  let (zerosA, zerosB) = (memory.reserve(m * 4), memory.reserve(n * 4))
  let (sums, scales) = (memory.reserve(m * n * 4), memory.reserve(max(m, n, 1) * 4))
  let isEmpty = stacks.offsets.isEmpty || m == 0 || n == 0
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, scratchBytes: memory.size,
    implementation: "c:integer product"
  ) { buffers in
    let scratch = buffers.scratch!
    let x = (scratch + wideA).assumingMemoryBound(to: Int16.self)
    let y = (scratch + wideB).assumingMemoryBound(to: Int16.self)
    let za = (scratch + zerosA).assumingMemoryBound(to: Int32.self)
    let zb = (scratch + zerosB).assumingMemoryBound(to: Int32.self)
    let c = (scratch + sums).assumingMemoryBound(to: Int32.self)
    let s = (scratch + scales).assumingMemoryBound(to: Float.self)
    let (from, other, to) = (
      buffers.inputs[left.data]!, buffers.inputs[right.data]!, buffers.outputs[0]!
    )
    return {
      guard !isEmpty else { return }
      sides.0.loadZeros(buffers, za)
      sides.1.loadZeros(buffers, zb)
      finish.loadScales(buffers, s)
      for (index, offset) in stacks.offsets.enumerated() {
        pith_center(from + offset.left, sides.0.isSigned, za, sides.0.step, 0, m, k, x)
        pith_center(other + offset.right, sides.1.isSigned, zb, 0, sides.1.step, k, n, y)
        let sum = finish.isWide ? (to + index * m * n * 4).assumingMemoryBound(to: Int32.self) : c
        pith_product_s16(x, y, m, n, k, sum)
        finish.run(buffers, sum, s, to + index * m * n)
      }
    }
  }
}

/// Output 0 is a convolution in whole numbers: int32, or requantized. Data (N, C, spatial...),
/// weights (O, C / groups, window...); the weights' zero points and scales are one number or one
/// per output channel.
public func integerConvolutionKernel(
  _ convolution: Convolution, _ data: QuantizedOperand, _ weights: QuantizedOperand,
  _ requantization: Requantization?, _ request: KernelRequest
) throws(KernelError) -> KernelPlan {
  let (x, w) = (try request.input(data.data), try request.input(weights.data))
  let positions = Array(try request.output(0).shape.dimensions.dropFirst(2))
  let groups = convolution.groups
  let (images, channels) = (x.shape[0], x.shape[1] / groups)
  let filters = w.shape[0] / groups
  let (m, n) = (filters, positions.reduce(1, *))
  let k = w.shape.dimensions.dropFirst().reduce(1, *)
  let (terms, overflow) = k.multipliedReportingOverflow(by: n)
  guard !overflow, terms <= 1 << 32 else {
    throw .unsupported("\(n) positions of a window of \(k) elements")
  }
  let columns = convolution.window.columnPlaces(
    image: Array(x.shape.dimensions.dropFirst(2)), positions: positions)
  let sides = (
    try IntegerSide(data, request, count: 1), try IntegerSide(weights, request, count: w.shape[0])
  )
  let finish = try Finishing(
    requantization, request, rows: w.shape[0], columns: n, left: weights.scale, right: data.scale,
    byRow: true, byColumn: false)
  var memory = ScratchLayout()
  let (wideX, wideW) = (memory.reserve(k * n * 2), memory.reserve(m * groups * k * 2))
  let (zeroX, zerosW) = (memory.reserve(4), memory.reserve(m * groups * 4))
  let (sums, scales) = (memory.reserve(m * n * 4), memory.reserve(max(m * groups, 1) * 4))
  let isEmpty = images == 0 || m == 0 || n == 0
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, scratchBytes: memory.size,
    implementation: "c:integer convolution"
  ) { buffers in
    let scratch = buffers.scratch!
    let seen = (scratch + wideX).assumingMemoryBound(to: Int16.self)
    let taps = (scratch + wideW).assumingMemoryBound(to: Int16.self)
    let zx = (scratch + zeroX).assumingMemoryBound(to: Int32.self)
    let zw = (scratch + zerosW).assumingMemoryBound(to: Int32.self)
    let c = (scratch + sums).assumingMemoryBound(to: Int32.self)
    let s = (scratch + scales).assumingMemoryBound(to: Float.self)
    let (from, weight, to) = (
      buffers.inputs[data.data]!, buffers.inputs[weights.data]!, buffers.outputs[0]!
    )
    return {
      guard !isEmpty else { return }
      sides.0.loadZeros(buffers, zx)
      sides.1.loadZeros(buffers, zw)
      finish.loadScales(buffers, s)
      pith_center(weight, sides.1.isSigned, zw, sides.1.step, 0, m * groups, k, taps)
      for image in 0..<images {
        for group in 0..<groups {
          let plane = (image * groups + group) * channels * columns.planeCount
          pith_center_columns(
            from + plane, sides.0.isSigned, zx[0], columns.places, columns.places.count, channels,
            columns.planeCount, seen)
          let place = (image * groups + group) * m * n
          let sum = finish.isWide ? (to + place * 4).assumingMemoryBound(to: Int32.self) : c
          pith_product_s16(taps + group * m * k, seen, m, n, k, sum)
          finish.run(buffers, sum, s, to + place, from: group * m, rows: m)
        }
      }
    }
  }
}

/// Outputs 0, 1 and 2 are input 0 (float32) in unsigned 8 bits, its scale, and its zero point, as
/// the range of its elements asks for.
public func rangeQuantizationKernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
  let data = try request.input(0)
  guard data.dtype == .float32 else { throw .unsupported("\(data.dtype.rawValue) elements") }
  let count = data.shape.count
  // Outputs that nobody wants go to scratch memory.
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, scratchBytes: count + 64,
    implementation: "c:quantize by range"
  ) { buffers in
    let x = UnsafePointer(buffers.input(0, as: Float.self))
    func place(_ index: Int, _ spare: Int) -> UnsafeMutableRawPointer {
      (index < buffers.outputs.count ? buffers.outputs[index] : nil) ?? buffers.scratch! + spare
    }
    let y = place(0, 64).assumingMemoryBound(to: UInt8.self)
    let scale = place(1, 0).assumingMemoryBound(to: Float.self)
    let zero = place(2, 8).assumingMemoryBound(to: UInt8.self)
    return { pith_quantize_by_range(x, count, y, scale, zero) }
  }
}
