public import PithGraph
import PithTensors

/// A graph run again and again.
///
/// Inputs: the largest number of runs (may be absent), whether to run at all (may be absent), and
/// the values that go from run to run. The body takes the number of the run, the condition and those
/// values; it gives whether to go on, the values, and what is stacked up over all runs. Outputs: the
/// last values, and the stacks.
public struct Loop: ControlFlowOperator {
  public static let name = "Loop"
  public static let bodyNames = ["body"]
  public let attributes: Attributes
  public let bodies: [String: Subgraph]
  public let body: Subgraph

  public init(_ attributes: Attributes, bodies: [String: Subgraph]) throws(AttributeError) {
    body = try Self.body("body", bodies)
    guard body.ownInputs >= 2, body.graph.outputs.count >= body.ownInputs - 1 else {
      throw .invalid("body", value: "a graph with \(body.ownInputs) inputs")
    }
    self.attributes = attributes
    self.bodies = bodies
  }

  /// How many values go from run to run.
  public var carriedCount: Int { body.ownInputs - 2 }
}
