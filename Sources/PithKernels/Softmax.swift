import CDNNL
public import PithTensors

/// Output 0 is softmax (or its logarithm) of input 0 along one axis; row-major.
public func softmaxKernel(axis: Int, logarithm: Bool, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  let (data, axis) = try axisDescriptor(request.input(0), axis)
  let descriptor = try softmaxDescriptor(data, axis, logarithm, dnnl_forward_inference)
  return descriptor.plan(
    request, [Slot(DNNL_ARG_SRC, .input(0), data), Slot(DNNL_ARG_DST, .output(0), data)],
    sharing: [.init(input: 0, output: 0)])
}

/// The gradient of softmax (or its logarithm). Inputs: dL/dy, y; output: dL/dx.
public func softmaxGradientKernel(axis: Int, logarithm: Bool, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  let (data, axis) = try axisDescriptor(request.input(1), axis)
  let forward = try softmaxDescriptor(data, axis, logarithm, dnnl_forward_training)
  let descriptor = try PrimitiveDescriptor("softmax backward") {
    (handle, engine, attributes) throws(KernelError) in
    dnnl_softmax_backward_primitive_desc_create(
      handle, engine, logarithm ? dnnl_softmax_log : dnnl_softmax_accurate, data.handle,
      data.handle, data.handle, axis, forward.handle, attributes)
  }
  return descriptor.plan(
    request,
    [
      Slot(DNNL_ARG_DIFF_DST, .input(0), data), Slot(DNNL_ARG_DST, .input(1), data),
      Slot(DNNL_ARG_DIFF_SRC, .output(0), data),
    ])
}

private func softmaxDescriptor(
  _ data: MemoryDescriptor, _ axis: Int32, _ logarithm: Bool, _ kind: dnnl_prop_kind_t
) throws(KernelError) -> PrimitiveDescriptor {
  try PrimitiveDescriptor("softmax") { (handle, engine, attributes) throws(KernelError) in
    dnnl_softmax_forward_primitive_desc_create(
      handle, engine, kind, logarithm ? dnnl_softmax_log : dnnl_softmax_accurate, data.handle,
      data.handle, axis, attributes)
  }
}

/// The operand as (outer, axis) or (outer, axis, inner), and the place of the axis in it.
private func axisDescriptor(_ operand: KernelRequest.Operand, _ axis: Int) throws(KernelError)
  -> (MemoryDescriptor, Int32)
{
  guard operand.dtype == .float32 else {
    throw .unsupported("softmax of \(operand.dtype.rawValue) elements")
  }
  let dimensions = operand.shape.dimensions
  guard axis < dimensions.count else { return (try MemoryDescriptor(operand.dtype, [1, 1]), 1) }
  let outer = dimensions[..<axis].reduce(1, *)
  let inner = dimensions[(axis + 1)...].reduce(1, *)
  let shape = inner == 1 ? Shape([outer, dimensions[axis]]) : [outer, dimensions[axis], inner]
  return (try MemoryDescriptor(operand.dtype, shape), 1)
}
