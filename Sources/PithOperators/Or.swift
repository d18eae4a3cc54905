public import PithGraph
import PithKernels
public import PithTensors

/// Where a or b is true.
public struct Or: ElementwiseOperator {
  public static let name = "Or"
  public static let examples = [
    Example([
      .constant(Tensor([true, true, false, false])),
      .constant(Tensor([true, false, true, false], [4])),
    ])
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    try inferLogic(inputs)
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try pointwiseKernel(request, as: Bool.self) { $0 || $1 }
  }
}
