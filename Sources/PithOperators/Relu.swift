public import PithGraph
import PithKernels
public import PithTensors

/// max(x, 0).
public struct Relu: ElementwiseOperator {
  public static let name = "Relu"
  public static let examples = [Example([.random([2, 3, 4, 4])])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(0).type)]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    [try graph.activationGradient(.relu, upstream[0], fromOutput: node.output!)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try activationKernel(.relu, request)
  }
}
