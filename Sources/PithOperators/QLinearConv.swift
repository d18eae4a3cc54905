public import PithGraph
import PithKernels
public import PithTensors

/// A convolution of quantized data and weights, quantized again.
///
/// Inputs: data (N, C, spatial...), its scale and zero point, weights (O, C / group, kernel...),
/// their scales and zero points (one, or one per output channel), the result's scale and zero
/// point, and optionally biases (int32, in the product of the scales of data and weights).
public struct QLinearConv: Operator {
  public static let name = "QLinearConv"
  public static let examples = [
    Example(
      [
        .constant(Tensor((0..<16).map { UInt8($0 * 15) }, [1, 1, 4, 4])),
        .constant(Tensor(scalar: Float(0.05))), .constant(Tensor(scalar: UInt8(100))),
        .constant(Tensor([1, -2, 3, -4, 5, 6, 7, 8] as [Int8], [2, 1, 2, 2])),
        .constant(Tensor([0.1, 0.2] as [Float])), .constant(Tensor([0, 0] as [Int8])),
        .constant(Tensor(scalar: Float(0.3))), .constant(Tensor(scalar: UInt8(30))),
        .constant(Tensor([40, -70] as [Int32])),
      ], ["pads": .ints([1, 0, 0, 1])])
  ]

  private let form: Conv

  public init(_ form: Conv = Conv()) { self.form = form }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(try Conv(attributes))
  }

  public var attributes: Attributes { form.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let dimensions = try inferIntegerConvolution(form, inputs, data: 0, weight: 3)
    for index in [1, 2, 4, 5] { _ = try inputs.required(index) }
    if let bias = inputs.optional(8), bias.dtype != .int32 { throw .type(input: 8, bias.dtype) }
    return [Fact(try inferQuantizedResult(inputs, scale: 6, zero: 7), dimensions)]
  }

  public func role(ofInput index: Int) -> WeightRole? {
    index == 3 ? .weight : index == 8 ? .bias : nil
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try integerConvolutionKernel(
      form.bound(request.input(0), request.input(3)),
      QuantizedOperand(data: 0, scale: 1, zero: 2), QuantizedOperand(data: 3, scale: 4, zero: 5),
      Requantization(scale: 6, zero: 7, bias: 8), request)
  }
}
