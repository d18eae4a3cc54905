import PithGraph
import PithKernels
import PithOperators
import PithTensors

/// A product of bytes (..., K) and a constant matrix (K, N): steps(scale[n] * sum of x w + bias[n]),
/// rounded and held to the range of the result's type, or a float.
///
/// Inputs: data, weight (int8), scales, bias (N each, float32).
struct IntegerMatMul: Operator {
  static let name = "IntegerMatMul"
  static let domain = "pith"

  let dtype: DType
  let steps: [IntegerStep]

  init(dtype: DType, steps: [IntegerStep]) {
    self.dtype = dtype
    self.steps = steps
  }

  init(_ attributes: Attributes) throws(AttributeError) { self.init(dtype: .float32, steps: []) }

  func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (data, weight) = (try inputs.required(0), try inputs.required(1))
    guard weight.rank == 2, let last = data.dimensions.last, last == weight.dimensions[0] else {
      throw .mismatch("the matrices do not fit")
    }
    return [Fact(dtype, data.dimensions.dropLast() + [weight.dimensions[1]])]
  }

  func cost(_ inputs: [Fact?], _ outputs: [Fact]) -> Cost {
    guard let weight = inputs.optional(1)?.type.shape, let output = outputs.first?.type.shape else {
      return Cost()
    }
    return Cost(macs: output.count * weight[0])
  }

  func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try IntegerProduct(steps: steps).kernel(request)
  }
}
