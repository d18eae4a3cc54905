import PithGraph
import PithKernels
import PithOperators
import PithTensors

/// A convolution of bytes: steps(scale[o] * sum of (x - zero) w + bias[o]), rounded and held to the
/// range of the result's type, or a float.
///
/// Inputs: data, weight (int8), scales, bias (O each, float32), zero point of the data (int32, may
/// be absent), what the steps add (may be absent).
struct IntegerConv: Operator {
  static let name = "IntegerConv"
  static let domain = "pith"

  let geometry: Conv
  let dtype: DType
  let steps: [IntegerStep]

  init(_ geometry: Conv, dtype: DType, steps: [IntegerStep]) {
    self.geometry = geometry
    self.dtype = dtype
    self.steps = steps
  }

  init(_ attributes: Attributes) throws(AttributeError) {
    self.init(try Conv(attributes), dtype: .float32, steps: [])
  }

  func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let fact = try geometry.infer([try inputs.required(0), try inputs.required(1)])[0]
    return [Fact(dtype, fact.dimensions)]
  }

  func cost(_ inputs: [Fact?], _ outputs: [Fact]) -> Cost { geometry.cost(inputs, outputs) }

  func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let bound = try geometry.bound(request.input(0), request.input(1))
    return try IntegerConvolution(window: bound.window, groups: bound.groups, steps: steps)
      .forward(request)
  }
}
