import CDNNL
public import PithTensors

/// Product of a matrix of bytes and a constant one: steps(scale[n] * sum of x w + bias[n]).
///
/// Data (..., K) are unsigned or signed bytes, weights (K, N) signed bytes. The result (..., N) is
/// bytes, rounded to nearest and held to their range, or float32.
public struct IntegerProduct: Sendable, Hashable {
  public var steps: [IntegerStep]

  public init(steps: [IntegerStep]) { self.steps = steps }

  /// Inputs: data, weight, scales (N), bias (N). Output: the product.
  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let (data, weight, result) = (
      try request.input(0), try request.input(1), try request.output(0)
    )
    let (depth, columns) = (weight.shape[0], weight.shape[1])
    let rows = data.shape.count / max(depth, 1)
    let source = try MemoryDescriptor(data.dtype, [rows, depth])
    let destination = try MemoryDescriptor(result.dtype, [rows, columns])
    let bias = try MemoryDescriptor(.float32, [1, columns])
    let weightAny = try MemoryDescriptor(any: weight.dtype, weight.shape)
    let descriptor = try PrimitiveDescriptor("integer product") {
      (attributes) throws(KernelError) in
      try check(dnnl_primitive_attr_set_scales_mask(attributes, DNNL_ARG_WEIGHTS, 2), "scales")
      try steps.apply(to: attributes)
    } _: { (handle, engine, attributes) throws(KernelError) in
      dnnl_matmul_primitive_desc_create(
        handle, engine, source.handle, weightAny.handle, bias.handle, destination.handle,
        attributes)
    }
    guard let weights = descriptor.memory(dnnl_query_weights_md) else {
      throw .library(primitive: descriptor.name, status: "no memory description")
    }
    var plan = descriptor.plan(
      request,
      [
        Slot(DNNL_ARG_SRC, .input(0), source), Slot(DNNL_ARG_WEIGHTS, .input(1), weights),
        Slot(
          DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS, .input(2),
          try MemoryDescriptor(.float32, [columns])),
        Slot(DNNL_ARG_BIAS, .input(3), bias), Slot(DNNL_ARG_DST, .output(0), destination),
      ])
    plan.inputs[0] = .plain(data.dtype, data.shape)
    plan.inputs[2] = .plain(.float32, [columns])
    plan.inputs[3] = .plain(.float32, [columns])
    plan.outputs[0] = .plain(result.dtype, result.shape)
    return plan
  }
}
