import CDNNL
public import PithTensors

/// Batch normalization over a batch's own statistics, and its gradient; data is (N, C, ...).
public struct BatchNormalizationKernel: Sendable, Hashable {
  public var epsilon: Float
  public var fusesRelu: Bool

  public init(epsilon: Float, fusesRelu: Bool) {
    self.epsilon = epsilon
    self.fusesRelu = fusesRelu
  }

  private var flags: UInt32 {
    dnnl_use_scale.rawValue | dnnl_use_shift.rawValue
      | (fusesRelu ? dnnl_fuse_norm_relu.rawValue : 0)
  }

  private func forward(_ data: MemoryDescriptor) throws(KernelError) -> PrimitiveDescriptor {
    try PrimitiveDescriptor("batch normalization") {
      (handle, engine, attributes) throws(KernelError) in
      dnnl_batch_normalization_forward_primitive_desc_create(
        handle, engine, dnnl_forward_training, data.handle, data.handle, epsilon, flags, attributes)
    }
  }

  /// Inputs: data, scale, shift. Outputs: data, batch mean, batch variance, and what the gradient
  /// of a fused ReLU needs.
  public func training(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let data = try MemoryDescriptor.of(request.input(0))
    let vector = try MemoryDescriptor(.float32, request.input(1).shape)
    let descriptor = try forward(data)
    var slots = [
      Slot(DNNL_ARG_SRC, .input(0), data), Slot(DNNL_ARG_SCALE, .input(1), vector),
      Slot(DNNL_ARG_SHIFT, .input(2), vector), Slot(DNNL_ARG_DST, .output(0), data),
      Slot(DNNL_ARG_MEAN, .output(1), vector), Slot(DNNL_ARG_VARIANCE, .output(2), vector),
    ]
    if let reserve = descriptor.memory(dnnl_query_workspace_md) {
      slots.append(Slot(DNNL_ARG_WORKSPACE, .output(3), reserve))
    }
    return descriptor.plan(request, slots)
  }

  /// Inputs: gradient of the output, data, scale, batch mean, batch variance, reserve. Outputs:
  /// gradients of the data, the scale and the shift.
  public func gradient(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let data = try MemoryDescriptor.of(request.input(1))
    let vector = try MemoryDescriptor(.float32, request.input(2).shape)
    let forward = try self.forward(data)
    let descriptor = try PrimitiveDescriptor("batch normalization backward") {
      (handle, engine, attributes) throws(KernelError) in
      dnnl_batch_normalization_backward_primitive_desc_create(
        handle, engine, dnnl_backward, data.handle, data.handle, data.handle, epsilon, flags,
        forward.handle, attributes)
    }
    var slots = [
      Slot(DNNL_ARG_DIFF_DST, .input(0), data), Slot(DNNL_ARG_SRC, .input(1), data),
      Slot(DNNL_ARG_SCALE, .input(2), vector), Slot(DNNL_ARG_MEAN, .input(3), vector),
      Slot(DNNL_ARG_VARIANCE, .input(4), vector), Slot(DNNL_ARG_DIFF_SRC, .output(0), data),
      Slot(DNNL_ARG_DIFF_SCALE, .output(1), vector),
      Slot(DNNL_ARG_DIFF_SHIFT, .output(2), vector),
    ]
    if let reserve = forward.memory(dnnl_query_workspace_md) {
      slots.append(Slot(DNNL_ARG_WORKSPACE, .input(5), reserve))
    }
    return descriptor.plan(request, slots, sharing: [.init(input: 0, output: 0)])
  }
}
