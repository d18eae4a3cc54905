import CPithKernels
public import PithTensors

/// y = x / (bias + alpha / size * (sum of squares over `size` neighbouring channels))^beta, for
/// data (N, C, ...).
public struct LocalResponseNormalization: Sendable, Hashable {
  public var size: Int
  public var alpha: Float
  public var beta: Float
  public var bias: Float

  public init(size: Int, alpha: Float, beta: Float, bias: Float) {
    self.size = size
    self.alpha = alpha
    self.beta = beta
    self.bias = bias
  }

  private func shape(_ operand: KernelRequest.Operand) throws(KernelError) -> pith_lrn {
    guard operand.dtype == .float32, operand.shape.rank >= 2 else {
      throw .unsupported("\(operand.dtype.rawValue) data of rank \(operand.shape.rank)")
    }
    return pith_lrn(
      batch: operand.shape[0], channels: operand.shape[1],
      pixels: operand.shape.dimensions[2...].reduce(1, *), size: size, alpha: alpha, beta: beta,
      bias: bias)
  }

  /// Input: x; output: y.
  public func forward(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let shape = try shape(request.input(0))
    if try request.input(0).shape.count == 0 { return emptyKernel(request) }
    return KernelPlan(
      inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "c:lrn"
    ) { buffers in
      let x = UnsafePointer(buffers.input(0, as: Float.self))
      let y = buffers.output(0, as: Float.self)
      return { pith_lrn(shape, x, y) }
    }
  }

  /// Inputs: dL/dy, x; output: dL/dx.
  public func gradient(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let shape = try shape(request.input(1))
    if try request.input(1).shape.count == 0 { return emptyKernel(request) }
    return KernelPlan(
      inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "c:lrn"
    ) { buffers in
      let upstream = UnsafePointer(buffers.input(0, as: Float.self))
      let x = UnsafePointer(buffers.input(1, as: Float.self))
      let gradient = buffers.output(0, as: Float.self)
      return { pith_lrn_gradient(shape, upstream, x, gradient) }
    }
  }
}
