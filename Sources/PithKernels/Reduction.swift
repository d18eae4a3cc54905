import CDNNL
public import PithTensors

/// How the elements along reduced axes are put together.
public enum ReductionFunction: Sendable, Hashable {
  case sum, mean, maximum, minimum, product

  var library: dnnl_alg_kind_t {
    switch self {
    case .sum: dnnl_reduction_sum
    case .mean: dnnl_reduction_mean
    case .maximum: dnnl_reduction_max
    case .minimum: dnnl_reduction_min
    case .product: dnnl_reduction_mul
    }
  }
}

/// Output 0 is input 0 reduced along every axis on which the output (with leading ones up to the
/// input's rank; reduced axes kept as ones) has extent 1. `kept` is the output's shape with the
/// reduced axes kept, where they were dropped.
public func reductionKernel(
  _ function: ReductionFunction, _ request: KernelRequest, kept: Shape? = nil
) throws(KernelError) -> KernelPlan {
  let (operand, result) = (try request.input(0), try request.output(0))
  let rank = max(operand.shape.rank, 1)
  let target = (kept ?? result.shape).padded(to: rank)
  if operand.shape.padded(to: rank) == target {
    var copied = request
    copied.inputs[0]!.layout = .plain(operand.dtype, operand.shape)
    return copyKernel(copied)
  }
  var from = try MemoryDescriptor(operand.dtype, operand.shape.padded(to: rank))
  if let blocked = operand.layout.blocking as? MemoryDescriptor, blocked.rank == rank {
    from = blocked
  }
  let to = try MemoryDescriptor(result.dtype, target)
  let descriptor = try PrimitiveDescriptor("reduction") {
    (handle, engine, attributes) throws(KernelError) in
    dnnl_reduction_primitive_desc_create(
      handle, engine, function.library, from.handle, to.handle, 0, 0, attributes)
  }
  var plan = descriptor.plan(
    request, [Slot(DNNL_ARG_SRC, .input(0), from), Slot(DNNL_ARG_DST, .output(0), to)])
  plan.outputs[0] = .plain(result.dtype, result.shape)
  return plan
}
