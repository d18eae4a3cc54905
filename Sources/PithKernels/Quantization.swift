import CPithKernels
public import PithTensors

/// Which scale belongs to which elements of a value.
public enum QuantizationGranularity: Sendable, Hashable {
  case tensor
  /// One scale per place along an axis.
  case axis(Int)
  /// One scale per `size` places along an axis, and per place along all others.
  case blocks(axis: Int, size: Int)
}

/// Output 0 = saturate(round(input 0 / scale) + zero point), ties to even: inputs are data
/// (float32), scales (float32) and zero points (of the output's type; zeros where absent).
public func quantizeKernel(_ granularity: QuantizationGranularity, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  let (data, result) = (try request.input(0), try request.output(0))
  guard data.dtype == .float32 else {
    throw .unsupported("data of type \(data.dtype.rawValue)")
  }
  let type = try result.dtype.quantized()
  guard type != PITH_S32 else { throw .unsupported("elements of type \(result.dtype.rawValue)") }
  let grid = try QuantizationGrid(granularity, data.shape, request)
  return grid.plan(request, elementBits: result.dtype.bits, implementation: "quantize") {
    buffers, zeros, scratch in
    let (from, to) = (buffers.input(0, as: Float.self), buffers.outputs[0]!)
    let scales = buffers.input(1, as: Float.self)
    return { pith_quantize(from, scales, zeros, to, type, $0, scratch) }
  }
}

/// Output 0 (float32) = (input 0 - zero point) scale: inputs are whole numbers, scales (float32)
/// and zero points (of the data's type; zeros where absent).
public func dequantizeKernel(_ granularity: QuantizationGranularity, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  let (data, result) = (try request.input(0), try request.output(0))
  guard result.dtype == .float32 else {
    throw .unsupported("a result of type \(result.dtype.rawValue)")
  }
  let type = try data.dtype.quantized()
  let grid = try QuantizationGrid(granularity, data.shape, request)
  return grid.plan(request, elementBits: data.dtype.bits, implementation: "dequantize") {
    buffers, zeros, scratch in
    let (from, to) = (buffers.inputs[0]!, buffers.output(0, as: Float.self))
    let scales = buffers.input(1, as: Float.self)
    return { pith_dequantize(from, scales, zeros, to, type, $0, scratch) }
  }
}

/// A value cut into rows that each have one scale, or scales side by side.
private struct QuantizationGrid: Sendable {
  var rows: [pith_quantized_row] = []
  var step = 0
  let elements: Int
  let scaleCount: Int
  let zeroType: pith_integer?

  init(_ granularity: QuantizationGranularity, _ shape: Shape, _ request: KernelRequest)
    throws(KernelError)
  {
    let scale = try request.input(1)
    guard scale.dtype == .float32 else {
      throw .unsupported("scales of type \(scale.dtype.rawValue)")
    }
    elements = shape.count
    scaleCount = scale.shape.count
    zeroType = request.hasInput(2) ? try request.input(2).dtype.quantized() : nil
    switch granularity {
    case .tensor: cutWhole()
    case .axis(let axis): cut(shape, axis: axis, block: 1, perElement: false)
    case .blocks(let axis, let size): cut(shape, axis: axis, block: size, perElement: true)
    }
  }

  private mutating func cutWhole() {
    let part = 16384
    for start in stride(from: 0, to: elements, by: part) {
      rows.append(
        pith_quantized_row(start: start, length: min(part, elements - start), scale: 0))
    }
  }

  /// `perElement`: scales differ along the axes around `axis` too.
  private mutating func cut(_ shape: Shape, axis: Int, block: Int, perElement: Bool) {
    let outer = shape.dimensions[..<axis].reduce(1, *)
    let (extent, inner) = (shape[axis], shape.dimensions[(axis + 1)...].reduce(1, *))
    let blocks = (extent + block - 1) / block
    for o in 0..<outer {
      if inner == 1, !perElement {
        step = 1
        rows.append(pith_quantized_row(start: o * extent, length: extent, scale: 0))
        continue
      }
      if perElement, inner > 1 { step = 1 }
      let base = perElement ? o * blocks * inner : 0
      for place in 0..<extent {
        rows.append(
          pith_quantized_row(
            start: (o * extent + place) * inner, length: inner,
            scale: base + (place / block) * (perElement ? inner : 1)))
      }
    }
  }

  func plan(
    _ request: KernelRequest, elementBits: Int, implementation: String,
    _ run:
      @escaping (Buffers, UnsafePointer<Int32>?, UnsafeMutableRawPointer?) ->
      (UnsafePointer<pith_quantized_rows>) -> Void
  ) -> KernelPlan {
    // Scratch: zero points as 32-bit integers, then one byte for each element of four bits.
    let zeroBytes = scaleCount * MemoryLayout<Int32>.stride
    return KernelPlan(
      inputs: request.plainInputs, outputs: request.plainOutputs,
      scratchBytes: zeroBytes + (elementBits < 8 ? elements : 0), implementation: implementation
    ) { buffers in
      let zeros = buffers.scratch?.assumingMemoryBound(to: Int32.self)
      let body = run(buffers, zeros, buffers.scratch.map { $0 + zeroBytes })
      return {
        zeros?.update(repeating: 0, count: scaleCount)
        if let zeroType { pith_widen(buffers.inputs[2], zeroType, zeros, scaleCount) }
        rows.withUnsafeBufferPointer { rows in
          var description = pith_quantized_rows(
            count: rows.count, step: step, elements: elements, rows: rows.baseAddress)
          body(&description)
        }
      }
    }
  }
}

extension DType {
  /// The C kernels' name of an integer type.
  fileprivate func quantized() throws(KernelError) -> pith_integer {
    switch self {
    case .int8: PITH_S8
    case .uint8: PITH_U8
    case .int16: PITH_S16
    case .uint16: PITH_U16
    case .int32: PITH_S32
    case .int4: PITH_S4
    case .uint4: PITH_U4
    default: throw .unsupported("whole numbers of type \(rawValue)")
    }
  }
}
