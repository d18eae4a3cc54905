public import PithGraph
import PithKernels
public import PithTensors

/// Where x is false.
public struct Not: ElementwiseOperator {
  public static let name = "Not"
  public static let examples = [Example([.constant(Tensor([true, false]))])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let operand = try inputs.required(0)
    guard operand.dtype == .bool else { throw .type(input: 0, operand.dtype) }
    return [Fact(operand.type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try unaryKernel(request, as: Bool.self) { !$0 }
  }
}
