public import PithGraph
public import PithKernels
import PithTensors

/// The mean of the elements along some axes.
public struct ReduceMean: ReductionOperator {
  public static let name = "ReduceMean"
  public static let examples = [
    Example([.random([2, 3, 4, 5]), .constant(Tensor([2, 3] as [Int64]))]),
    Example([.random([2, 3, 4, 5]), .constant(Tensor([-1, 1] as [Int64]))]),
    Example([.random([4, 7]), .constant(Tensor([0] as [Int64]))], ["keepdims": .int(0)]),
    Example([.random([2, 3, 4])]),
  ]
  public static let function = ReductionFunction.mean
  public let options: ReductionOptions

  public init(_ options: ReductionOptions) { self.options = options }
}
