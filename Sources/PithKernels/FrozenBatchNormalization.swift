import CDNNL
public import PithTensors

/// Batch normalisation with given statistics: y = (x - mean) / sqrt(variance + epsilon) scale +
/// shift, per channel. Inputs: x (N, C, ...), scale, shift, mean, variance (C each).
public func frozenBatchNormalizationKernel(epsilon: Float, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  let data = try channelDescriptor(request.input(0))
  let descriptor = try forwardDescriptor(data, epsilon)
  let parameters = try MemoryDescriptor(.float32, request.input(1).shape)
  return descriptor.plan(
    request,
    [
      Slot(DNNL_ARG_SRC, .input(0), data), Slot(DNNL_ARG_SCALE, .input(1), parameters),
      Slot(DNNL_ARG_SHIFT, .input(2), parameters), Slot(DNNL_ARG_MEAN, .input(3), parameters),
      Slot(DNNL_ARG_VARIANCE, .input(4), parameters), Slot(DNNL_ARG_DST, .output(0), data),
    ], sharing: [.init(input: 0, output: 0)])
}

/// The gradients of batch normalisation with given statistics. Inputs: dL/dy, x, scale, mean,
/// variance. Outputs: dL/dx, dL/dscale, dL/dshift.
public func frozenBatchNormalizationGradientKernel(epsilon: Float, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  let data = try channelDescriptor(request.input(1))
  let forward = try forwardDescriptor(data, epsilon)
  let parameters = try MemoryDescriptor(.float32, request.input(2).shape)
  let descriptor = try PrimitiveDescriptor("batch normalization backward") {
    (handle, engine, attributes) throws(KernelError) in
    dnnl_batch_normalization_backward_primitive_desc_create(
      handle, engine, dnnl_backward, data.handle, data.handle, data.handle, epsilon, flags,
      forward.handle, attributes)
  }
  return descriptor.plan(
    request,
    [
      Slot(DNNL_ARG_DIFF_DST, .input(0), data), Slot(DNNL_ARG_SRC, .input(1), data),
      Slot(DNNL_ARG_SCALE, .input(2), parameters), Slot(DNNL_ARG_MEAN, .input(3), parameters),
      Slot(DNNL_ARG_VARIANCE, .input(4), parameters),
      Slot(DNNL_ARG_DIFF_SRC, .output(0), data),
      Slot(DNNL_ARG_DIFF_SCALE, .output(1), parameters),
      Slot(DNNL_ARG_DIFF_SHIFT, .output(2), parameters),
    ])
}

private let flags =
  dnnl_use_global_stats.rawValue | dnnl_use_scale.rawValue | dnnl_use_shift.rawValue

private func forwardDescriptor(_ data: MemoryDescriptor, _ epsilon: Float) throws(KernelError)
  -> PrimitiveDescriptor
{
  try PrimitiveDescriptor("batch normalization") {
    (handle, engine, attributes) throws(KernelError) in
    dnnl_batch_normalization_forward_primitive_desc_create(
      handle, engine, dnnl_forward_inference, data.handle, data.handle, epsilon, flags, attributes)
  }
}

/// The operand's own layout, or row-major as (N, C, pixels, 1), whatever its rank.
private func channelDescriptor(_ operand: KernelRequest.Operand) throws(KernelError)
  -> MemoryDescriptor
{
  if let blocked = operand.layout.blocking as? MemoryDescriptor { return blocked }
  let shape = operand.shape
  guard shape.rank >= 2 else { return try MemoryDescriptor(operand.dtype, [shape.count, 1, 1, 1]) }
  return try MemoryDescriptor(
    operand.dtype, [shape[0], shape[1], shape.dimensions[2...].reduce(1, *), 1])
}
