import CDNNL
public import PithTensors

/// Output 0 is x (input 0) where positive, else slope (input 1) times x; the slope is stretched to
/// the shape of x. In the layout of x.
public func parametricReluKernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
  let (data, slope) = try descriptors(request, data: 0, slope: 1)
  let descriptor = try forwardDescriptor(data, slope, dnnl_forward_inference)
  return descriptor.plan(
    request,
    [
      Slot(DNNL_ARG_SRC, .input(0), data), Slot(DNNL_ARG_WEIGHTS, .input(1), slope),
      Slot(DNNL_ARG_DST, .output(0), data),
    ])
}

/// Inputs: dL/dy, x, slope. Outputs: dL/dx and dL/dslope.
public func parametricReluGradientKernel(_ request: KernelRequest) throws(KernelError)
  -> KernelPlan
{
  let (data, slope) = try descriptors(request, data: 1, slope: 2)
  let forward = try forwardDescriptor(data, slope, dnnl_forward_training)
  let descriptor = try PrimitiveDescriptor("prelu backward") {
    (handle, engine, attributes) throws(KernelError) in
    dnnl_prelu_backward_primitive_desc_create(
      handle, engine, data.handle, slope.handle, data.handle, slope.handle, data.handle,
      forward.handle, attributes)
  }
  return descriptor.plan(
    request,
    [
      Slot(DNNL_ARG_DIFF_DST, .input(0), data), Slot(DNNL_ARG_SRC, .input(1), data),
      Slot(DNNL_ARG_WEIGHTS, .input(2), slope), Slot(DNNL_ARG_DIFF_SRC, .output(0), data),
      Slot(DNNL_ARG_DIFF_WEIGHTS, .output(1), slope),
    ])
}

private func descriptors(_ request: KernelRequest, data: Int, slope: Int) throws(KernelError) -> (
  MemoryDescriptor, MemoryDescriptor
) {
  let (operand, slope) = (try request.input(data), try request.input(slope))
  guard operand.dtype == .float32, slope.dtype == .float32 else {
    throw .unsupported("\(operand.dtype.rawValue) elements")
  }
  let rank = max(operand.shape.rank, 1)
  return (
    try MemoryDescriptor.of(operand),
    try MemoryDescriptor(slope.dtype, slope.shape.padded(to: rank))
  )
}

private func forwardDescriptor(
  _ data: MemoryDescriptor, _ slope: MemoryDescriptor, _ kind: dnnl_prop_kind_t
) throws(KernelError) -> PrimitiveDescriptor {
  try PrimitiveDescriptor("prelu") { (handle, engine, attributes) throws(KernelError) in
    dnnl_prelu_forward_primitive_desc_create(
      handle, engine, kind, data.handle, slope.handle, data.handle, attributes)
  }
}
