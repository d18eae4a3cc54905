public import PithGraph
public import PithKernels
import PithTensors

/// A layer of long short-term memory cells; gates in the order input, output, forget, cell.
/// Hochreiter and Schmidhuber, "Long short-term memory", 1997. See `RecurrentOperator` for inputs
/// and outputs.
public struct LSTM: RecurrentOperator {
  public static let name = "LSTM"
  public static let examples = [
    Example(
      [.random([3, 2, 4]), .random([1, 12, 4]), .random([1, 12, 3]), .random([1, 24])],
      outputCount: 3),
    Example(
      [
        .random([3, 2, 3]), .random([2, 8, 3]), .random([2, 8, 2]), .random([2, 16]),
        .constant(Tensor([1, 3] as [Int32])), .random([2, 2, 2]), .random([2, 2, 2]),
        .random([2, 6]),
      ], ["direction": .string("bidirectional")], outputCount: 3),
    Example(
      [
        .random([2, 3, 3]), .random([1, 8, 3]), .random([1, 8, 2]), .absent, .absent,
        .random([2, 1, 2]),
      ],
      [
        "layout": .int(1), "direction": .string("reverse"), "input_forget": .int(1),
        "activations": .strings(["Sigmoid", "Softplus", "Tanh"]),
      ], outputCount: 3),
  ]
  public static let usualGates: [Recurrence.Gate] = [.sigmoid, .tanh, .tanh]

  public let layer: Recurrence

  public init(_ layer: Recurrence) { self.layer = layer }

  public static func cell(_ attributes: Attributes) throws(AttributeError) -> Recurrence.Cell {
    .longShortTerm(couplesGates: try attributes.bool("input_forget", default: false))
  }
}
