public import PithGraph
import PithKernels
public import PithTensors

/// The magnitude of x.
public struct Abs: ElementwiseOperator {
  public static let name = "Abs"
  public static let examples = [Example([.random([2, 3, 4, 4], low: -3, high: 3)])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    try inferUnary(inputs) { $0 < 0 ? 0 &- $0 : $0 }
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let input = node.inputs[0] else { return [nil] }
    return [try graph.activationGradient(.abs, upstream[0], from: input)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try unaryArithmeticKernel(request, .abs, integers: { $0 < 0 ? 0 &- $0 : $0 })
  }
}
