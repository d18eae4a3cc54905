import CDNNL
public import PithTensors

/// Output 0 has the axes of input 0 in the order `permutation`: axis i of the output is axis
/// `permutation[i]` of the input. A blocked input is read as it lies.
public func transposeKernel(_ permutation: [Int], _ request: KernelRequest) throws(KernelError)
  -> KernelPlan
{
  let (operand, result) = (try request.input(0), try request.output(0))
  if let source = operand.layout.blocking as? MemoryDescriptor, source.rank == operand.shape.rank {
    var strides = [Int](repeating: 0, count: permutation.count)
    for (axis, stride) in zip(permutation, result.shape.strides) { strides[axis] = stride }
    let target = try MemoryDescriptor(operand.dtype, operand.shape, strides: strides)
    let descriptor = try PrimitiveDescriptor("reorder") {
      (handle, engine, attributes) throws(KernelError) in
      dnnl_reorder_primitive_desc_create(
        handle, source.handle, engine, target.handle, engine, attributes)
    }
    var plan = descriptor.plan(
      request,
      [Slot(DNNL_ARG_FROM, .input(0), source), Slot(DNNL_ARG_TO, .output(0), target)])
    plan.outputs = request.plainOutputs
    return plan
  }
  let strides = operand.shape.strides
  return try regionsKernel(
    request,
    [
      Region(
        extents: result.shape.dimensions, from: .init(strides: permutation.map { strides[$0] }),
        to: .init(strides: result.shape.strides))
    ])
}
