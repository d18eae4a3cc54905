public import PithGraph
public import PithKernels
import PithTensors

/// The logarithm of the sum of the elements along some axes.
public struct ReduceLogSum: ReductionOperator {
  public static let name = "ReduceLogSum"
  public static let examples = [
    Example([.random([2, 3, 4, 5], low: 0.5, high: 2), .constant(Tensor([2, 3] as [Int64]))]),
    Example([.random([2, 3, 4, 5], low: 0.5, high: 2), .constant(Tensor([-1, 1] as [Int64]))]),
    Example(
      [.random([2, 3, 2, 2, 3], low: 0.5, high: 2), .constant(Tensor([0, 2, 4] as [Int64]))],
      ["keepdims": .int(0)]),
    Example(
      [.random([4, 7], low: 0.5, high: 2), .constant(Tensor([0] as [Int64]))], ["keepdims": .int(0)]
    ),
    Example([.random([2, 3, 4], low: 0.5, high: 2)]),
  ]
  public static let function = ReductionFunction.logarithmOfSum
  public let options: ReductionOptions

  public init(_ options: ReductionOptions) { self.options = options }
}
