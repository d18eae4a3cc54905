import CDNNL
public import PithTensors

/// Convolution of 8-bit integers: steps(scale[o] * sum of (x - zero) w + bias[o]).
///
/// Data (N, C, spatial...) are unsigned or signed bytes with the channels innermost, weights (O,
/// C/groups, kernel...) signed bytes. The result is bytes, rounded to nearest and held to their
/// range, or float32.
public struct IntegerConvolution: Sendable, Hashable {
  public var window: Window
  public var groups: Int
  public var steps: [IntegerStep]

  public init(window: Window, groups: Int, steps: [IntegerStep]) {
    self.window = window
    self.groups = groups
    self.steps = steps
  }

  /// Inputs: data, weight, scales (O), bias (O), zero point of the data (int32, one element; 0
  /// where absent), and where `steps` add to an operand, that operand. Output: data.
  public func forward(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let (data, weight) = (try request.input(0), try request.input(1))
    let source = try MemoryDescriptor(channelsLast: data.dtype, data.shape)
    let result = try request.output(0)
    let destination = try MemoryDescriptor(channelsLast: result.dtype, result.shape)
    let descriptor = try descriptor(
      source, weight, destination, hasZero: request.hasInput(4))
    guard let weights = descriptor.memory(dnnl_query_weights_md) else {
      throw .library(primitive: descriptor.name, status: "no memory description")
    }
    let channels = try MemoryDescriptor(.float32, [weight.shape[0]])
    var slots = [
      Slot(DNNL_ARG_SRC, .input(0), source), Slot(DNNL_ARG_WEIGHTS, .input(1), weights),
      Slot(DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS, .input(2), channels),
      Slot(DNNL_ARG_BIAS, .input(3), channels), Slot(DNNL_ARG_DST, .output(0), destination),
    ]
    if request.hasInput(4) {
      slots.append(
        Slot(
          DNNL_ARG_ATTR_ZERO_POINTS | DNNL_ARG_SRC, .input(4), try MemoryDescriptor(.int32, [1])))
    }
    var plan = descriptor.plan(
      request, slots,
      sharing: steps.summand == nil ? [] : [.init(input: 5, output: 0, isRequired: true)])
    if let summand = steps.summand {
      let added = try MemoryDescriptor(channelsLast: summand, result.shape)
      plan.inputs[5] = added.layout(summand, result.shape)
    }
    return plan
  }

  private func descriptor(
    _ source: MemoryDescriptor, _ weight: KernelRequest.Operand, _ destination: MemoryDescriptor,
    hasZero: Bool
  ) throws(KernelError) -> PrimitiveDescriptor {
    var shape = weight.shape
    if groups > 1 { shape = Shape([groups, shape[0] / groups] + shape.dimensions[1...]) }
    let weightAny = try MemoryDescriptor(any: weight.dtype, shape)
    let bias = try MemoryDescriptor(.float32, [weight.shape[0]])
    let perChannel: Int32 = groups > 1 ? 3 : 1
    let descriptor = try PrimitiveDescriptor("integer convolution") {
      (attributes) throws(KernelError) in
      try check(
        dnnl_primitive_attr_set_scales_mask(attributes, DNNL_ARG_WEIGHTS, perChannel), "scales")
      if hasZero {
        try check(
          dnnl_primitive_attr_set_zero_points_mask(attributes, DNNL_ARG_SRC, 0), "zero points")
      }
      try steps.apply(to: attributes)
    } _: { (handle, engine, attributes) throws(KernelError) in
      dnnl_convolution_forward_primitive_desc_create(
        handle, engine, dnnl_forward_inference, dnnl_convolution_direct, source.handle,
        weightAny.handle, bias.handle, destination.handle, window.stridesList, window.gapList,
        window.beginList, window.endList, attributes)
    }
    guard !descriptor.implementation.hasPrefix("ref") else {
      throw .unsupported("this convolution of bytes but by reference loops")
    }
    return descriptor
  }
}
