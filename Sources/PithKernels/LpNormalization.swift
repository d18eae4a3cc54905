import CPithKernels
public import PithTensors

/// Output 0 is input 0 divided by its norm (1: sum of magnitudes, 2: Euclidean) along one axis;
/// row-major. Zeros stay zeros.
public func lpNormalizationKernel(norm: Int, axis: Int, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  let (outer, extent, inner) = try extents(axis, request.input(0))
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "c:normalization"
  ) { buffers in
    let x = UnsafePointer(buffers.input(0, as: Float.self))
    let y = buffers.output(0, as: Float.self)
    return { pith_lp_normalize(Int32(norm), outer, extent, inner, x, y) }
  }
}

/// dL/dx of the same. Inputs: dL/dy, x.
public func lpNormalizationGradientKernel(norm: Int, axis: Int, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  let (outer, extent, inner) = try extents(axis, request.input(1))
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "c:normalization"
  ) { buffers in
    let upstream = UnsafePointer(buffers.input(0, as: Float.self))
    let x = UnsafePointer(buffers.input(1, as: Float.self))
    let gradient = buffers.output(0, as: Float.self)
    return { pith_lp_normalize_gradient(Int32(norm), outer, extent, inner, upstream, x, gradient) }
  }
}

/// The operand seen as (outer, axis, inner).
private func extents(_ axis: Int, _ operand: KernelRequest.Operand) throws(KernelError) -> (
  outer: Int, extent: Int, inner: Int
) {
  guard operand.dtype == .float32 else {
    throw .unsupported("normalisation of \(operand.dtype.rawValue) elements")
  }
  let dimensions = operand.shape.rank == 0 ? [1] : operand.shape.dimensions
  return (
    dimensions[..<axis].reduce(1, *), dimensions[axis], dimensions[(axis + 1)...].reduce(1, *)
  )
}
