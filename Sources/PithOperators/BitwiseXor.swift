public import PithGraph
import PithKernels
public import PithTensors

/// The bits that are set in one of a and b, but not both, two whole numbers.
public struct BitwiseXor: ElementwiseOperator {
  public static let name = "BitwiseXor"
  public static let examples = [
    Example([.constant(Tensor([12, -1, 7] as [Int32])), .constant(Tensor([10] as [Int32]))])
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    try inferBits(inputs) { $0 ^ $1 }
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try integerKernel(request, { $0 ^ $1 })
  }
}
