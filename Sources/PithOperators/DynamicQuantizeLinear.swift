public import PithGraph
import PithKernels
public import PithTensors

/// The input in unsigned 8 bits, with the scale and zero point that its own range asks for.
///
/// Outputs: whole numbers, scale (float), zero point.
public struct DynamicQuantizeLinear: Operator {
  public static let name = "DynamicQuantizeLinear"
  public static let examples = [
    Example([.random([3, 4], low: -1, high: 3)], outputCount: 3, differentiable: false),
    Example([.random([2, 5], low: 1, high: 3)], outputCount: 3, differentiable: false),
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    guard data.dtype == .float32 else { throw .type(input: 0, data.dtype) }
    return [Fact(.uint8, data.dimensions), Fact(.float32, []), Fact(.uint8, [])]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try rangeQuantizationKernel(request)
  }
}
