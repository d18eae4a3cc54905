public import PithGraph
public import PithTensors

/// A graph inside a node: a branch, or the body of a loop.
public struct Subgraph: Sendable {
  /// Its inputs are its own, then what it takes from the graph around it.
  public let graph: Graph
  /// Which of `Node.captured` the last inputs of `graph` are.
  public let captured: [Int]

  public init(_ graph: Graph, captured: [Int]) {
    self.graph = graph
    self.captured = captured
  }
}

/// A node that runs graphs of its own. Where its course is known before running, the compiler puts
/// in its stead what it comes to; otherwise it cannot run.
public protocol ControlFlowOperator: Operator {
  /// The attributes that hold graphs.
  static var bodyNames: [String] { get }
  var bodies: [String: Subgraph] { get }
  /// - Parameter bodies: one for each of `bodyNames`.
  init(_ attributes: Attributes, bodies: [String: Subgraph]) throws(AttributeError)
}

extension ControlFlowOperator {
  public init(_ attributes: Attributes) throws(AttributeError) {
    throw .unsupported("a node with graphs of its own is made by the reader alone")
  }

  /// Nothing is known of its results until it is put away.
  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] { [] }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    throw .undecidedFlow
  }

  public static func == (left: Self, right: Self) -> Bool { left.attributes == right.attributes }

  public func hash(into hasher: inout Hasher) { hasher.combine(Self.name) }

  static func body(_ name: String, _ bodies: [String: Subgraph]) throws(AttributeError)
    -> Subgraph
  {
    guard let body = bodies[name] else { throw .missing(name) }
    return body
  }
}

extension KernelError {
  /// What a node answers whose course is not known before running.
  public static let undecidedFlow = KernelError.unsupported(
    "a course that depends on what is computed while the network runs")
}
