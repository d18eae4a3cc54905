public import PithGraph
public import PithKernels
import PithTensors

/// The sum of the squares along some axes.
public struct ReduceSumSquare: ReductionOperator {
  public static let name = "ReduceSumSquare"
  public static let examples = [
    Example([.random([2, 3, 4, 5]), .constant(Tensor([2, 3] as [Int64]))]),
    Example([.random([2, 3, 4, 5]), .constant(Tensor([-1, 1] as [Int64]))]),
    Example(
      [.random([2, 3, 4, 5]), .constant(Tensor([0, 2] as [Int64]))], ["keepdims": .int(0)]),
    Example([.random([4, 7]), .constant(Tensor([0] as [Int64]))], ["keepdims": .int(0)]),
    Example([.random([2, 3])], ["noop_with_empty_axes": .int(1)]),
    Example([.random([2, 3, 4])]),
  ]
  public static let function = ReductionFunction.squareSum
  public let options: ReductionOptions

  public init(_ options: ReductionOptions) { self.options = options }
}
