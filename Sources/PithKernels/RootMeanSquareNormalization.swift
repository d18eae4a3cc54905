import CPithKernels
public import PithTensors

/// Each row of a row-major value divided by its root mean square, then scaled.
public struct RootMeanSquareNormalization: Sendable, Hashable {
  public var rows: Int
  public var length: Int
  public var epsilon: Float

  public init(rows: Int, length: Int, epsilon: Float) {
    self.rows = rows
    self.length = length
    self.epsilon = epsilon
  }

  private func checkTypes(_ request: KernelRequest) throws(KernelError) {
    for case let operand? in request.inputs + request.outputs where operand.dtype != .float32 {
      throw .unsupported("normalisation of \(operand.dtype.rawValue) elements")
    }
  }

  /// Inputs: x, scale. Output: y.
  public func forward(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try checkTypes(request)
    if rows == 0 || length == 0 { return emptyKernel(request) }
    let (rows, length, epsilon) = (rows, length, epsilon)
    return KernelPlan(
      inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "c:normalization"
    ) { buffers in
      let x = UnsafePointer(buffers.input(0, as: Float.self))
      let scale = UnsafePointer(buffers.input(1, as: Float.self))
      let y = buffers.output(0, as: Float.self)
      return { pith_rms_normalize(rows, length, epsilon, x, scale, y) }
    }
  }

  /// Inputs: dL/dy, x, scale. Outputs: dL/dx, dL/dscale, each absent if not wanted.
  public func gradient(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try checkTypes(request)
    if rows == 0 || length == 0 { return emptyKernel(request) }
    let (rows, length, epsilon) = (rows, length, epsilon)
    return KernelPlan(
      inputs: request.plainInputs, outputs: request.plainOutputs,
      scratchBytes: rows * MemoryLayout<Float>.stride, implementation: "c:normalization"
    ) { buffers in
      let upstream = UnsafePointer(buffers.input(0, as: Float.self))
      let x = UnsafePointer(buffers.input(1, as: Float.self))
      let scale = UnsafePointer(buffers.input(2, as: Float.self))
      let (first, second) = (floats(buffers.outputs, 0), floats(buffers.outputs, 1))
      let scratch = buffers.scratch!.assumingMemoryBound(to: Float.self)
      return {
        pith_rms_normalize_gradient(
          rows, length, epsilon, upstream, x, scale, first, second, scratch)
      }
    }
  }
}
