public import PithGraph
public import PithKernels
import PithTensors

/// A simple recurrent layer: h = f(W x + R h + b). See `RecurrentOperator` for inputs and outputs.
public struct RNN: RecurrentOperator {
  public static let name = "RNN"
  public static let examples = [
    Example([.random([3, 2, 4]), .random([1, 5, 4]), .random([1, 5, 5])], outputCount: 2),
    Example(
      [
        .random([3, 2, 3]), .random([2, 4, 3]), .random([2, 4, 4]), .random([2, 8]),
        .constant(Tensor([3, 1] as [Int32])), .random([2, 2, 4]),
      ], ["direction": .string("bidirectional")], outputCount: 2),
    Example(
      [.random([2, 3, 3]), .random([1, 4, 3]), .random([1, 4, 4])],
      [
        "activations": .strings(["ScaledTanh"]), "activation_alpha": .floats([1.5]),
        "activation_beta": .floats([0.75]), "layout": .int(1), "direction": .string("reverse"),
      ], outputCount: 2),
    Example(
      [.random([2, 1, 3]), .random([1, 2, 3]), .random([1, 2, 2])], ["clip": .float(0.3)],
      outputCount: 2, differentiable: false),
  ]
  public static let usualGates: [Recurrence.Gate] = [.tanh]

  public let layer: Recurrence

  public init(_ layer: Recurrence) { self.layer = layer }

  public static func cell(_ attributes: Attributes) throws(AttributeError) -> Recurrence.Cell {
    .simple
  }
}
