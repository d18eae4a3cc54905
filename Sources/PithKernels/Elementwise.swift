import CDNNL
public import PithTensors

/// Output 0 is `function` of input 0, in the input's layout.
public func activationKernel(_ function: Activation, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  let operand = try request.input(0)
  if operand.dtype == .float64 {
    return try unaryKernel(request, as: Double.self, function.callAsFunction)
  }
  guard operand.dtype == .float32 else {
    throw .unsupported("\(operand.dtype.rawValue) elements")
  }
  let data = try elementwiseDescriptor(operand, keepsZero: function.keepsZero)
  let (algorithm, alpha, beta) = function.library
  let descriptor = try PrimitiveDescriptor("eltwise") {
    (handle, engine, attributes) throws(KernelError) in
    dnnl_eltwise_forward_primitive_desc_create(
      handle, engine, dnnl_forward_inference, algorithm, data.handle, data.handle, alpha, beta,
      attributes)
  }
  return descriptor.plan(
    request, [Slot(DNNL_ARG_SRC, .input(0), data), Slot(DNNL_ARG_DST, .output(0), data)],
    sharing: [.init(input: 0, output: 0)])
}

/// Output 0 is the gradient of `function`: inputs are the gradient of its output and either its
/// input or, with `fromOutput` (functions whose derivative follows from their value), its output.
public func activationGradientKernel(
  _ function: Activation, fromOutput: Bool, _ request: KernelRequest
) throws(KernelError) -> KernelPlan {
  let data = try elementwiseDescriptor(request.input(1), keepsZero: true)
  var (algorithm, alpha, beta) = function.library
  if fromOutput { algorithm = try outputForm(of: algorithm) }
  let forward = try PrimitiveDescriptor("eltwise") {
    (handle, engine, attributes) throws(KernelError) in
    dnnl_eltwise_forward_primitive_desc_create(
      handle, engine, dnnl_forward_training, algorithm, data.handle, data.handle, alpha, beta,
      attributes)
  }
  let descriptor = try PrimitiveDescriptor("eltwise backward") {
    (handle, engine, attributes) throws(KernelError) in
    dnnl_eltwise_backward_primitive_desc_create(
      handle, engine, algorithm, data.handle, data.handle, data.handle, alpha, beta,
      forward.handle, attributes)
  }
  return descriptor.plan(
    request,
    [
      Slot(DNNL_ARG_DIFF_DST, .input(0), data),
      Slot(fromOutput ? DNNL_ARG_DST : DNNL_ARG_SRC, .input(1), data),
      Slot(DNNL_ARG_DIFF_SRC, .output(0), data),
    ], sharing: [.init(input: 0, output: 0)])
}

private func outputForm(of algorithm: dnnl_alg_kind_t) throws(KernelError) -> dnnl_alg_kind_t {
  switch algorithm {
  case dnnl_eltwise_relu: dnnl_eltwise_relu_use_dst_for_bwd
  case dnnl_eltwise_tanh: dnnl_eltwise_tanh_use_dst_for_bwd
  case dnnl_eltwise_elu: dnnl_eltwise_elu_use_dst_for_bwd
  case dnnl_eltwise_sqrt: dnnl_eltwise_sqrt_use_dst_for_bwd
  case dnnl_eltwise_logistic: dnnl_eltwise_logistic_use_dst_for_bwd
  case dnnl_eltwise_exp: dnnl_eltwise_exp_use_dst_for_bwd
  case dnnl_eltwise_clip: dnnl_eltwise_clip_v2_use_dst_for_bwd
  default: throw .unsupported("a gradient from the output")
  }
}

/// The operand's own layout, or row-major where its padding would not stay zero. Row-major data
/// are seen as a vector: the library's limits on rank do not matter then.
func elementwiseDescriptor(_ operand: KernelRequest.Operand, keepsZero: Bool)
  throws(KernelError) -> MemoryDescriptor
{
  if let blocked = operand.layout.blocking as? MemoryDescriptor, keepsZero || !blocked.isPadded {
    return blocked
  }
  return try MemoryDescriptor(operand.dtype, [operand.shape.count])
}

extension Shape {
  /// With leading ones up to the given rank.
  func padded(to rank: Int) -> Shape {
    Shape([Int](repeating: 1, count: max(0, rank - self.rank)) + dimensions)
  }
}
