public import PithGraph
import PithKernels
public import PithTensors

/// -x.
public struct Neg: ElementwiseOperator {
  public static let name = "Neg"
  public static let examples = [Example([.random([2, 3, 4, 4])])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    try inferUnary(inputs) { 0 &- $0 }
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0] else { return [nil] }
    return [try graph.add(Neg(), gradient)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try unaryArithmeticKernel(request, .linear(scale: -1, shift: 0), integers: { 0 &- $0 })
  }
}
