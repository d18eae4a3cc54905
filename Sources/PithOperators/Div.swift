public import PithGraph
import PithKernels
public import PithTensors

/// a / b, stretched to a common shape; whole numbers are truncated towards zero, and what they
/// give when divided by zero is not defined (it does not stop the program).
public struct Div: ElementwiseOperator {
  public static let name = "Div"
  public static let examples = [
    Example([.random([2, 3, 4, 4]), .random([2, 3, 4, 4], low: 0.5, high: 2)]),
    Example([.random([2, 3, 4, 4]), .random([2, 3, 1, 1], low: 0.5, high: 2)]),
    Example([.random([3]), .random([4, 1], low: -2, high: -0.5)]),
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    try inferBinary(inputs) { (left, right) -> Int? in
      let (quotient, overflow) = left.dividedReportingOverflow(by: right)
      return overflow ? nil : quotient
    }
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], let left = node.inputs[0], let right = node.inputs[1],
      let quotient = node.output
    else { return [nil, nil] }
    let scaled = try graph.add(Div(), gradient, right)
    return [
      wanted[0] ? try graph.sum(scaled, like: left) : nil,
      wanted[1]
        ? try graph.add(Neg(), try graph.sum(graph.add(Mul(), scaled, quotient), like: right))
        : nil,
    ]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try arithmeticKernel(
      request, .divide, integers: { $0.dividedReportingOverflow(by: $1).partialValue },
      unsigned: { $0.dividedReportingOverflow(by: $1).partialValue },
      doubles: { $0 / $1 })
  }
}
