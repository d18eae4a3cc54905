public import PithGraph
public import PithKernels
import PithTensors

/// The logarithm of the sum of e^x, for elements x along some axes.
public struct ReduceLogSumExp: ReductionOperator {
  public static let name = "ReduceLogSumExp"
  public static let examples = [
    Example([.random([2, 3, 4, 5], low: -3, high: 3), .constant(Tensor([2, 3] as [Int64]))]),
    Example([.random([2, 3, 4, 5], low: -3, high: 3), .constant(Tensor([-1, 1] as [Int64]))]),
    Example(
      [.random([2, 3, 2, 2, 3], low: -3, high: 3), .constant(Tensor([0, 2, 4] as [Int64]))],
      ["keepdims": .int(0)]),
    Example(
      [.random([4, 7], low: -3, high: 3), .constant(Tensor([0] as [Int64]))], ["keepdims": .int(0)]),
    Example([.random([2, 3, 4], low: -3, high: 3)]),
  ]
  public static let function = ReductionFunction.logarithmOfExponentialSum
  public let options: ReductionOptions

  public init(_ options: ReductionOptions) { self.options = options }
}
