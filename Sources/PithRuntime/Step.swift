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
  public private(set) var cost: Cost
  /// For the whole batch.
  public private(set) var outputShape: Shape
  /// Bytes of what it reads and writes, in their layouts.
  public private(set) var bytes: Int
  var run: () -> Void = {}

  /// The step for a batch that is run in some parts.
  func repeated(_ count: Int) -> Step {
    var step = self
    step.cost.macs *= count
    step.bytes *= count
    if count > 1, outputShape.rank > 0 {
      step.outputShape = Shape([count * outputShape[0]] + outputShape.dimensions.dropFirst())
    }
    return step
  }
}
