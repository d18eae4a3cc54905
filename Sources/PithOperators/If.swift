public import PithGraph
import PithTensors

/// One of two graphs, as a condition says. Input: the condition (bool, one element).
public struct If: ControlFlowOperator {
  public static let name = "If"
  public static let bodyNames = ["then_branch", "else_branch"]
  public let attributes: Attributes
  public let bodies: [String: Subgraph]

  public init(_ attributes: Attributes, bodies: [String: Subgraph]) throws(AttributeError) {
    for name in Self.bodyNames {
      guard try Self.body(name, bodies).ownInputs == 0 else {
        throw .invalid(name, value: "a graph with inputs")
      }
    }
    self.attributes = attributes
    self.bodies = bodies
  }

  public func branch(_ condition: Bool) -> Subgraph? {
    bodies[condition ? "then_branch" : "else_branch"]
  }
}

extension Subgraph {
  /// How many of its inputs are its own.
  public var ownInputs: Int { graph.inputs.count - captured.count }
}
