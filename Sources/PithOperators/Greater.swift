public import PithGraph
import PithKernels
public import PithTensors

/// Where a is greater than b.
public struct Greater: ElementwiseOperator {
  public static let name = "Greater"
  public static let examples = [
    Example([.random([2, 3, 4]), .random([3, 1])], differentiable: false)
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    try inferComparison(inputs)
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try comparisonKernel(.greater, request)
  }
}
