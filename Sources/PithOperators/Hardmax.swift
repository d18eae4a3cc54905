public import PithGraph
import PithKernels
public import PithTensors

/// 1 at the largest element along one axis, the first of equal ones, else 0.
public struct Hardmax: Operator {
  public static let name = "Hardmax"
  public static let examples = [
    Example([.random([4, 10], low: -3, high: 3)]),
    Example([.random([2, 3, 4, 4])], ["axis": .int(1)]),
    Example([.constant(Tensor([1, 3, 3] as [Double]))], ["axis": .int(0)]),
  ]
  public let axis: Int

  public init(axis: Int = -1) { self.axis = axis }

  public init(_ attributes: Attributes) throws(AttributeError) {
    axis = try attributes.int("axis", default: -1)
  }

  public var attributes: Attributes { axis == -1 ? [:] : ["axis": .int(axis)] }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    try inferAlongAxis(inputs, axis)
  }

  /// Zero wherever it is defined, so no gradient flows back.
  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] { [nil] }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try hardmaxKernel(axis: frontAxis(axis, request), request)
  }
}
