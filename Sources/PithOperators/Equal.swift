public import PithGraph
import PithKernels
public import PithTensors

/// Where a equals b.
public struct Equal: ElementwiseOperator {
  public static let name = "Equal"
  public static let examples = [
    Example([.random([2, 3, 4]), .random([3, 1])], differentiable: false)
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    try inferComparison(inputs)
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try comparisonKernel(.equal, request)
  }
}
