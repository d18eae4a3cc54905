public import PithGraph
import PithKernels
public import PithTensors

/// The product of two matrices (or stacks of them) of whole numbers of 8 bits, as int32.
///
/// Inputs: A, B, and optionally their zero points: one number, or one per row of A and per column
/// of B.
public struct MatMulInteger: Operator {
  public static let name = "MatMulInteger"
  public static let examples = [
    Example([
      .constant(Tensor([1, 2, 3, 250, 0, 7] as [UInt8], [2, 3])),
      .constant(Tensor([-1, 2, -128, 4, 127, 6] as [Int8], [3, 2])),
      .constant(Tensor(scalar: UInt8(12))), .constant(Tensor([3, -4] as [Int8])),
    ]),
    Example([
      .constant(Tensor([1, 2, 3, 4] as [Int8], [2, 1, 2])),
      .constant(Tensor([5, 6] as [Int8], [2, 1])),
    ]),
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(.int32, try inferIntegerProduct(inputs, left: 0, right: 1))]
  }

  public func role(ofInput index: Int) -> WeightRole? { index == 1 ? .weight : nil }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try integerMatrixProductKernel(
      QuantizedOperand(data: 0, zero: 2), QuantizedOperand(data: 1, zero: 3), nil, request)
  }
}
