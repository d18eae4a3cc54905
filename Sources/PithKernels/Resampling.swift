import CDNNL
public import PithTensors

/// Sampling of all spatial axes of data (N, C, spatial...) about the centres of the elements, which
/// the library does in blocked layouts.
public enum ResamplingFunction: Sendable, Hashable {
  case nearest, linear

  private var library: dnnl_alg_kind_t {
    switch self {
    case .nearest: dnnl_resampling_nearest
    case .linear: dnnl_resampling_linear
    }
  }

  private func forward(_ source: MemoryDescriptor, _ destination: MemoryDescriptor, training: Bool)
    throws(KernelError) -> PrimitiveDescriptor
  {
    try PrimitiveDescriptor("resampling") { (handle, engine, attributes) throws(KernelError) in
      dnnl_resampling_forward_primitive_desc_create(
        handle, engine, training ? dnnl_forward_training : dnnl_forward_inference, library, nil,
        source.handle, destination.handle, attributes)
    }
  }

  /// Output 0 is input 0, resampled in the layout in which it lies.
  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let (operand, result) = (try request.input(0), try request.output(0))
    let source = try MemoryDescriptor.of(operand)
    let descriptor = try forward(
      source, MemoryDescriptor(any: result.dtype, result.shape), training: false)
    guard let destination = descriptor.memory(dnnl_query_dst_md) else {
      throw .library(primitive: descriptor.name, status: "no memory description")
    }
    return descriptor.plan(
      request,
      [Slot(DNNL_ARG_SRC, .input(0), source), Slot(DNNL_ARG_DST, .output(0), destination)])
  }

  /// Output 0 is the gradient of the data: input `upstream` is that of the result, and input 0 is
  /// the data, of which only type and layout matter.
  public func gradientKernel(_ request: KernelRequest, upstream: Int) throws(KernelError)
    -> KernelPlan
  {
    let gradient = try request.input(upstream)
    let source = try MemoryDescriptor.of(request.input(0))
    let forward = try forward(
      source, MemoryDescriptor(any: gradient.dtype, gradient.shape), training: true)
    guard let destination = forward.memory(dnnl_query_dst_md) else {
      throw .library(primitive: forward.name, status: "no memory description")
    }
    let descriptor = try PrimitiveDescriptor("resampling backward") {
      (handle, engine, attributes) throws(KernelError) in
      dnnl_resampling_backward_primitive_desc_create(
        handle, engine, library, nil, source.handle, destination.handle, forward.handle,
        attributes)
    }
    return descriptor.plan(
      request,
      [
        Slot(DNNL_ARG_DIFF_DST, .input(upstream), destination),
        Slot(DNNL_ARG_DIFF_SRC, .output(0), source),
      ])
  }
}
