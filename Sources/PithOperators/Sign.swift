public import PithGraph
import PithKernels
public import PithTensors

/// 1 where x is positive, -1 where negative, 0 where zero.
public struct Sign: ElementwiseOperator {
  public static let name = "Sign"
  public static let examples = [Example([.random([2, 3, 4, 4], low: -3, high: 3)])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    try inferUnary(inputs) { $0.signum() }
  }

  /// Zero wherever it is defined, so no gradient flows back.
  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] { [nil] }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    switch try request.input(0).dtype {
    case .float32, .float64: try mapKernel(.sign, request)
    default:
      try unaryArithmeticKernel(request, .linear(scale: 1, shift: 0), integers: { $0.signum() })
    }
  }
}
