public import PithGraph
import PithTensors

/// The product of all elements up to each place along an axis, which input 1 gives.
public struct CumProd: AccumulationOperator {
  public static let name = "CumProd"
  public static let examples = [
    Example(
      [.random([2, 3, 4]), .constant(Tensor(scalar: Int64(1)))], differentiable: false),
    Example(
      [.constant(Tensor([2, 3, 4] as [Int32])), .constant(Tensor(scalar: Int32(0)))],
      ["exclusive": .int(1), "reverse": .int(1)], differentiable: false),
  ]
  public static var multiplies: Bool { true }

  public let isExclusive: Bool
  public let isReversed: Bool

  public init(isExclusive: Bool = false, isReversed: Bool = false) {
    self.isExclusive = isExclusive
    self.isReversed = isReversed
  }
}
