public import PithGraph
public import PithTensors

/// One kernel call of a compiled program.
public struct Step {
  /// The node's name; re-orders and copies are named after the value they move.
  public let name: String
  public let operatorName: String
  /// The primitive, as the kernels library calls it.
  public let implementation: String
  /// The layout of the first output: "plain", or such as "aBcd16b".
  public let layout: String
  public let cost: Cost
  public let outputShape: Shape
  /// Bytes of what it reads and writes, in their layouts.
  public let bytes: Int
  var run: () -> Void = {}
}
