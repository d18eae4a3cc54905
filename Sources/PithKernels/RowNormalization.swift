import CPithKernels
public import PithTensors

/// Normalisation of each row of a value to mean 0 and variance 1, then a scale and a shift; layer,
/// instance and group normalisation are this with different rows. The value is row-major, and
/// element i of row r takes the parameter numbered `(r % period) * (length / inner) + i / inner`.
public struct RowNormalization: Sendable, Hashable {
  public var rows: Int
  public var length: Int
  /// Rows after which the parameters repeat.
  public var period: Int
  /// Neighbours that share a parameter.
  public var inner: Int
  public var epsilon: Float

  public init(rows: Int, length: Int, period: Int, inner: Int, epsilon: Float) {
    self.rows = rows
    self.length = length
    self.period = period
    self.inner = inner
    self.epsilon = epsilon
  }

  /// How many scales (and shifts) there are.
  public var parameterCount: Int { inner == 0 ? 0 : period * (length / inner) }

  private var shape: pith_rows {
    pith_rows(rows: rows, length: length, period: period, inner: inner, epsilon: epsilon)
  }

  private var isEmpty: Bool { rows == 0 || length == 0 }

  private func checkTypes(_ request: KernelRequest) throws(KernelError) {
    for case let operand? in request.inputs + request.outputs where operand.dtype != .float32 {
      throw .unsupported("normalisation of \(operand.dtype.rawValue) elements")
    }
  }

  /// Inputs: x, scale, shift (may be absent). Outputs: y, and (if wanted) the mean of each row and
  /// the inverse of its standard deviation.
  public func forward(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try checkTypes(request)
    if isEmpty { return emptyKernel(request) }
    let shape = shape
    return KernelPlan(
      inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "c:normalization"
    ) { buffers in
      let x = UnsafePointer(buffers.input(0, as: Float.self))
      let scale = UnsafePointer(buffers.input(1, as: Float.self))
      let shift = floats(buffers.inputs, 2)
      let y = buffers.output(0, as: Float.self)
      let (mean, inverse) = (floats(buffers.outputs, 1), floats(buffers.outputs, 2))
      return { pith_normalize(shape, x, scale, shift, y, mean, inverse) }
    }
  }

  /// Inputs: dL/dy, x, scale. Outputs: dL/dx, dL/dscale, dL/dshift, each absent if not wanted.
  public func gradient(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try checkTypes(request)
    if isEmpty { return emptyKernel(request) }
    let shape = shape
    return KernelPlan(
      inputs: request.plainInputs, outputs: request.plainOutputs,
      scratchBytes: 2 * rows * MemoryLayout<Float>.stride, implementation: "c:normalization"
    ) { buffers in
      let upstream = UnsafePointer(buffers.input(0, as: Float.self))
      let x = UnsafePointer(buffers.input(1, as: Float.self))
      let scale = UnsafePointer(buffers.input(2, as: Float.self))
      let (first, second) = (floats(buffers.outputs, 0), floats(buffers.outputs, 1))
      let third = floats(buffers.outputs, 2)
      let scratch = buffers.scratch!.assumingMemoryBound(to: Float.self)
      return { pith_normalize_gradient(shape, upstream, x, scale, first, second, third, scratch) }
    }
  }
}

func floats(_ buffers: [UnsafeMutableRawPointer?], _ index: Int)
  -> UnsafeMutablePointer<Float>?
{
  index < buffers.count ? buffers[index]?.assumingMemoryBound(to: Float.self) : nil
}
