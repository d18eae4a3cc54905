public import PithGraph
public import PithKernels
import PithTensors

/// A layer of gated recurrent units; gates in the order update, reset, candidate. Cho et al.,
/// "Learning phrase representations using RNN encoder-decoder", 2014. See `RecurrentOperator` for
/// inputs and outputs.
public struct GRU: RecurrentOperator {
  public static let name = "GRU"
  public static let examples = [
    Example(
      [.random([3, 2, 4]), .random([1, 9, 4]), .random([1, 9, 3]), .random([1, 18])],
      outputCount: 2),
    Example(
      [
        .random([3, 2, 3]), .random([2, 6, 3]), .random([2, 6, 2]), .random([2, 12]),
        .constant(Tensor([2, 3] as [Int32])), .random([2, 2, 2]),
      ], ["direction": .string("bidirectional"), "linear_before_reset": .int(1)], outputCount: 2),
    Example(
      [.random([2, 3, 3]), .random([1, 6, 3]), .random([1, 6, 2])],
      [
        "activations": .strings(["HardSigmoid", "Softsign"]), "layout": .int(1),
        "direction": .string("reverse"),
      ], outputCount: 2),
  ]
  public static let usualGates: [Recurrence.Gate] = [.sigmoid, .tanh]

  public let layer: Recurrence

  public init(_ layer: Recurrence) { self.layer = layer }

  public static func cell(_ attributes: Attributes) throws(AttributeError) -> Recurrence.Cell {
    .gatedUnit(linearBeforeReset: try attributes.bool("linear_before_reset", default: false))
  }
}
