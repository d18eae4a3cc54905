public import PithGraph
import PithTensors

/// A graph run once for each element of some values along an axis.
///
/// Inputs: the values that go from run to run, then those that are taken apart. The body takes the
/// former and one element of each of the latter; it gives the former anew and what is stacked up over
/// all runs. Outputs: the last values, and the stacks.
public struct Scan: ControlFlowOperator {
  public static let name = "Scan"
  public static let bodyNames = ["body"]
  public let attributes: Attributes
  public let bodies: [String: Subgraph]
  public let body: Subgraph
  /// How many values go from run to run.
  public let carriedCount: Int
  /// The axis and the direction of each value that is taken apart, and of each stack.
  public let sources: [Course]
  public let stacks: [Course]

  /// Along which axis, and from which end.
  public struct Course: Sendable, Hashable {
    public let axis: Int
    public let isReversed: Bool
  }

  public init(_ attributes: Attributes, bodies: [String: Subgraph]) throws(AttributeError) {
    body = try Self.body("body", bodies)
    let sourceCount = try attributes.int("num_scan_inputs")
    carriedCount = body.ownInputs - sourceCount
    guard sourceCount >= 1, carriedCount >= 0, body.graph.outputs.count >= carriedCount else {
      throw .invalid("num_scan_inputs", value: String(sourceCount))
    }
    let stackCount = body.graph.outputs.count - carriedCount
    sources = try Self.courses(
      attributes, "scan_input_axes", "scan_input_directions", count: sourceCount)
    stacks = try Self.courses(
      attributes, "scan_output_axes", "scan_output_directions", count: stackCount)
    self.attributes = attributes
    self.bodies = bodies
  }

  private static func courses(
    _ attributes: Attributes, _ axes: String, _ directions: String, count: Int
  ) throws(AttributeError) -> [Course] {
    let places = try attributes.ints(axes) ?? [Int](repeating: 0, count: count)
    let turns = try attributes.ints(directions) ?? [Int](repeating: 0, count: count)
    guard places.count == count else { throw .invalid(axes, value: "a list of \(places.count)") }
    guard turns.count == count else {
      throw .invalid(directions, value: "a list of \(turns.count)")
    }
    return zip(places, turns).map { Course(axis: $0, isReversed: $1 != 0) }
  }
}
