public import PithGraph
import PithKernels
public import PithTensors

/// The error function, 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x.
public struct Erf: ElementwiseOperator {
  public static let name = "Erf"
  public static let examples = [Example([.random([2, 3, 4, 4], low: -3, high: 3)])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(0).type)]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], let input = node.inputs[0] else { return [nil] }
    let square = try graph.add(Mul(), input, input)
    let bell = try graph.add(Exp(), graph.add(Neg(), square))
    let slope = try graph.add(Scaling(2 / Float.pi.squareRoot()), bell)
    return [try graph.add(Mul(), gradient, slope)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try mapKernel(.errorFunction, request)
  }
}
