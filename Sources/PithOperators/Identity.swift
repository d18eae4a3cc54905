public import PithGraph
import PithKernels
public import PithTensors

/// Gives its input unchanged.
public struct Identity: ElementwiseOperator {
  public static let name = "Identity"
  public static let examples = [Example([.random([2, 3])])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] { [try inputs.required(0)] }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] { [upstream[0]] }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    copyKernel(request)
  }
}
