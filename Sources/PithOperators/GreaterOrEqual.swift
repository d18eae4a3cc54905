public import PithGraph
import PithKernels
public import PithTensors

/// Where a is not less than b.
public struct GreaterOrEqual: ElementwiseOperator {
  public static let name = "GreaterOrEqual"
  public static let examples = [
    Example([.random([2, 3, 4]), .random([3, 1])], differentiable: false)
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    try inferComparison(inputs)
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try comparisonKernel(.greaterOrEqual, request)
  }
}
