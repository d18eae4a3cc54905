public import PithGraph
import PithTensors

/// The sum of all elements up to each place along an axis, which input 1 gives.
public struct CumSum: AccumulationOperator {
  public static let name = "CumSum"
  public static let examples = [
    Example([.random([2, 3, 4]), .constant(Tensor(scalar: Int64(1)))]),
    Example([.random([5]), .constant(Tensor(scalar: Int32(-1)))], ["exclusive": .int(1)]),
    Example(
      [.random([3, 2]), .constant(Tensor([0] as [Int64]))],
      ["exclusive": .int(1), "reverse": .int(1)]),
  ]
  public static var multiplies: Bool { false }

  public let isExclusive: Bool
  public let isReversed: Bool

  public init(isExclusive: Bool = false, isReversed: Bool = false) {
    self.isExclusive = isExclusive
    self.isReversed = isReversed
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], wanted[0] else { return [nil, nil] }
    let back = CumSum(isExclusive: isExclusive, isReversed: !isReversed)
    return [try graph.add(back, gradient, node.inputs[1]), nil]
  }
}
