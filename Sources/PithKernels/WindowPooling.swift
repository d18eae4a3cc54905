import CPithKernels
public import PithTensors

/// Pooling that the kernels library lacks, over the spatial axes of row-major data
/// (N, C, spatial...) with up to three of them.
public struct WindowPooling: Sendable, Hashable {
  public var window: Window

  public init(window: Window) { self.window = window }

  /// Output 0 is (sum of |x|^`norm`)^(1/`norm`) of each window of input 0.
  public func norm(_ norm: Float, _ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let window = try description(request.input(0), request.output(0))
    return KernelPlan(
      inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "c:window"
    ) { buffers in
      let x = UnsafePointer(buffers.input(0, as: Float.self))
      let y = buffers.output(0, as: Float.self)
      return { pith_lp_pool(window, norm, x, y) }
    }
  }

  /// dL/dx of the same. Inputs: dL/dy, x, y.
  public func normGradient(_ norm: Float, _ request: KernelRequest) throws(KernelError)
    -> KernelPlan
  {
    let window = try description(request.input(1), request.input(2))
    return KernelPlan(
      inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "c:window"
    ) { buffers in
      let upstream = UnsafePointer(buffers.input(0, as: Float.self))
      let x = UnsafePointer(buffers.input(1, as: Float.self))
      let y = UnsafePointer(buffers.input(2, as: Float.self))
      let gradient = buffers.output(0, as: Float.self)
      return { pith_lp_pool_gradient(window, norm, upstream, x, y, gradient) }
    }
  }

  /// Outputs: the largest element of each window (may be absent), and its place in the whole of
  /// input 0 (int64), counted within a plane by rows or, `columnMajor`, by columns.
  public func placesOfMaxima(columnMajor: Bool, _ request: KernelRequest) throws(KernelError)
    -> KernelPlan
  {
    let window = try description(request.input(0), request.output(1))
    return KernelPlan(
      inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "c:window"
    ) { buffers in
      let x = UnsafePointer(buffers.input(0, as: Float.self))
      let y = floats(buffers.outputs, 0)
      let places = buffers.output(1, as: Int64.self)
      return { pith_max_pool_places(window, columnMajor ? 1 : 0, x, y, places) }
    }
  }

  private func description(_ input: KernelRequest.Operand, _ output: KernelRequest.Operand)
    throws(KernelError) -> pith_window
  {
    let axes = window.kernel.count
    guard input.dtype == .float32 else {
      throw .unsupported("pooling of \(input.dtype.rawValue) elements")
    }
    guard (1...3).contains(axes), input.shape.rank == axes + 2, output.shape.rank == axes + 2
    else { throw .unsupported("pooling over \(axes) axes") }
    func three(_ numbers: ArraySlice<Int>, _ fill: Int) -> (Int, Int, Int) {
      let padded = [Int](repeating: fill, count: 3 - axes) + numbers
      return (padded[0], padded[1], padded[2])
    }
    return pith_window(
      planes: input.shape[0] * input.shape[1], input: three(input.shape.dimensions[2...], 1),
      output: three(output.shape.dimensions[2...], 1), kernel: three(window.kernel[...], 1),
      stride: three(window.strides[...], 1), dilation: three(window.dilations[...], 1),
      begin: three(window.padsBegin[...], 0))
  }
}
