public import PithGraph
import PithKernels
public import PithTensors

/// The product of two quantized matrices (or stacks of them), quantized again.
///
/// Inputs: A, its scale and zero point, B, its scale and zero point, and the result's scale and
/// zero point. Those of A may be one per row, those of B one per column.
public struct QLinearMatMul: Operator {
  public static let name = "QLinearMatMul"
  public static let examples = [
    Example([
      .constant(Tensor([1, 2, 3, 250, 0, 7] as [UInt8], [2, 3])),
      .constant(Tensor(scalar: Float(0.1))), .constant(Tensor(scalar: UInt8(12))),
      .constant(Tensor([-1, 2, -128, 4, 127, 6] as [Int8], [3, 2])),
      .constant(Tensor([0.02, 0.03] as [Float])), .constant(Tensor([3, -4] as [Int8])),
      .constant(Tensor(scalar: Float(0.5))), .constant(Tensor(scalar: UInt8(100))),
    ])
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let dimensions = try inferIntegerProduct(inputs, left: 0, right: 3)
    for index in [1, 2, 4, 5] { _ = try inputs.required(index) }
    return [Fact(try inferQuantizedResult(inputs, scale: 6, zero: 7), dimensions)]
  }

  public func role(ofInput index: Int) -> WeightRole? { index == 3 ? .weight : nil }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try integerMatrixProductKernel(
      QuantizedOperand(data: 0, scale: 1, zero: 2), QuantizedOperand(data: 3, scale: 4, zero: 5),
      Requantization(scale: 6, zero: 7), request)
  }
}
