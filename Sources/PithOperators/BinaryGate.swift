public import PithGraph
import PithKernels
public import PithTensors

/// Gates that are open or closed while they are learnt: 1[sigmoid(a) > 1/2], with the gradient of
/// sigmoid(a) in the place of its own, which is zero (straight through; Bengio, Leonard, Courville
/// 2013).
///
/// Input: a (T), the gates of all groups one behind the other. Output: z (T), 0 or 1. The gate of
/// the largest a of each group is open whatever its sign.
public struct BinaryGate: Operator {
  public static let name = "BinaryGate"
  public static let domain = "pith"
  /// The number of gates of each group.
  public let groups: [Int]

  public init(groups: [Int]) { self.groups = groups }

  public init(_ attributes: Attributes) throws(AttributeError) {
    throw .unsupported("gates are made by training alone")
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let a = try inputs.required(0)
    guard a.rank == 1 else { throw .rank(input: 0, expected: "1", actual: a.rank) }
    return [Fact(a.type)]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], let a = node.inputs[0] else { return [nil] }
    let share = try graph.add(Sigmoid(), a)
    let rest = try graph.add(Sub(), graph.scalar(1, like: a), share)
    return [try graph.add(Mul(), gradient, graph.add(Mul(), share, rest))]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try binaryGateKernel(runs: groups, request)
  }
}
