public import PithGraph
import PithKernels
public import PithTensors

/// Every bit of a whole number turned over.
public struct BitwiseNot: ElementwiseOperator {
  public static let name = "BitwiseNot"
  public static let examples = [Example([.constant(Tensor([12, -1, 7] as [Int32]))])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let operand = try inputs.required(0)
    guard operand.dtype.isInteger, operand.dtype.bits >= 8 else {
      throw .type(input: 0, operand.dtype)
    }
    return [Fact(operand.type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    switch try request.input(0).dtype.bits {
    case 8: try bitwiseKernel(request, as: UInt8.self) { ~$0 }
    case 16: try bitwiseKernel(request, as: UInt16.self) { ~$0 }
    case 32: try bitwiseKernel(request, as: UInt32.self) { ~$0 }
    default: try bitwiseKernel(request, as: UInt64.self) { ~$0 }
    }
  }
}
