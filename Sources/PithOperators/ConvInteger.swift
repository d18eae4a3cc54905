public import PithGraph
import PithKernels
public import PithTensors

/// A convolution of whole numbers of 8 bits, as int32.
///
/// Inputs: data (N, C, spatial...), weights (O, C / group, kernel...), and optionally their zero
/// points; the weights' may be one per output channel.
public struct ConvInteger: Operator {
  public static let name = "ConvInteger"
  public static let examples = [
    Example([
      .constant(Tensor((0..<16).map { UInt8($0 * 15) }, [1, 1, 4, 4])),
      .constant(Tensor([1, -2, 3, -4, 5, 6, 7, 8] as [Int8], [2, 1, 2, 2])),
      .constant(Tensor(scalar: UInt8(100))), .constant(Tensor([1, -1] as [Int8])),
    ]),
    Example(
      [
        .constant(Tensor((0..<36).map { Int8($0 * 3 - 50) }, [2, 2, 3, 3])),
        .constant(Tensor((0..<18).map { Int8($0 - 9) }, [2, 1, 3, 3])),
      ], ["group": .int(2), "pads": .ints([1, 1, 1, 1]), "strides": .ints([2, 1])]),
  ]

  private let form: Conv

  public init(_ form: Conv = Conv()) { self.form = form }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(try Conv(attributes))
  }

  public var attributes: Attributes { form.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(.int32, try inferIntegerConvolution(form, inputs, data: 0, weight: 1))]
  }

  public func role(ofInput index: Int) -> WeightRole? { index == 1 ? .weight : nil }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try integerConvolutionKernel(
      form.bound(request.input(0), request.input(1)), QuantizedOperand(data: 0, zero: 2),
      QuantizedOperand(data: 1, zero: 3), nil, request)
  }
}
