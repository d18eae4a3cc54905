import CDNNL
public import PithTensors

extension Convolution {
  /// The transpose of the convolution as a linear map, which is the gradient of its data.
  ///
  /// Inputs: data (N, C, spatial...), weight (C, M/groups, kernel...), bias (M, may be absent).
  /// Output: data (N, M, spatial...).
  public func transposed(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    var product = request
    if request.hasInput(2) { product.inputs[2] = nil }
    var plan = try gradientOfData(product)
    guard request.hasInput(2) else { return plan }
    let (result, bias) = (try request.output(0), try request.input(2))
    let target: MemoryDescriptor
    if let blocked = plan.outputs[0]?.blocking as? MemoryDescriptor {
      target = blocked
    } else {
      target = try MemoryDescriptor(result.dtype, result.shape)
    }
    var extents = [Int](repeating: 1, count: result.shape.rank)
    extents[1] = bias.shape.count
    let channels = try MemoryDescriptor(bias.dtype, Shape(extents))
    let addition = try PrimitiveDescriptor("binary") {
      (handle, engine, attributes) throws(KernelError) in
      dnnl_binary_primitive_desc_create(
        handle, engine, dnnl_binary_add, target.handle, channels.handle, target.handle, attributes)
    }
    plan.inputs[2] = .plain(bias.dtype, bias.shape)
    plan.scratchBytes = max(plan.scratchBytes, addition.scratchBytes)
    let convolve = plan.bind
    plan.bind = { (buffers) throws(KernelError) in
      let first = try convolve(buffers)
      let second = try Execution(
        addition,
        [
          Slot(DNNL_ARG_SRC_0, .output(0), target), Slot(DNNL_ARG_SRC_1, .input(2), channels),
          Slot(DNNL_ARG_DST, .output(0), target),
        ], buffers)
      return {
        first()
        second.run()
      }
    }
    return plan
  }
}
