public import PithGraph
import PithKernels
public import PithTensors

/// The nearest whole number, the even one of two.
public struct Round: ElementwiseOperator {
  public static let name = "Round"
  public static let examples = [Example([.random([2, 3, 4, 4], low: -3, high: 3)])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(0).type)]
  }

  /// Zero wherever it is defined, so no gradient flows back.
  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] { [nil] }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try activationKernel(.round, request)
  }
}
