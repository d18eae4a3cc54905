public import PithGraph
import PithKernels
public import PithTensors

/// Where x is not a number.
public struct IsNaN: ElementwiseOperator {
  public static let name = "IsNaN"
  public static let examples = [
    Example([.constant(Tensor([1, -.nan, .infinity] as [Float]))]),
    Example([.constant(Tensor([1, .nan] as [Double]))]),
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [try inferTest(inputs)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try request.input(0).dtype == .float64
      ? unaryKernel(request, as: Double.self) { $0.isNaN }
      : unaryKernel(request, as: Float.self) { $0.isNaN }
  }
}

/// The fact about a test of each number.
func inferTest(_ inputs: [Fact?]) throws(ShapeError) -> Fact {
  let operand = try inputs.required(0)
  guard operand.dtype.isFloatingPoint else { throw .type(input: 0, operand.dtype) }
  return Fact(.bool, operand.dimensions)
}
