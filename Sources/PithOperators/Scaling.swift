public import PithGraph
import PithKernels
public import PithTensors

/// A constant times x.
public struct Scaling: Operator {
  public static let name = "Scaling"
  public static let domain = "pith"
  public let factor: Float

  public init(_ factor: Float) { self.factor = factor }

  public init(_ attributes: Attributes) throws(AttributeError) {
    factor = try attributes.float("factor")
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(0).type)]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0] else { return [nil] }
    return [try graph.add(self, gradient)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try activationKernel(.linear(scale: factor, shift: 0), request)
  }
}
