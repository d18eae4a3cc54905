import PithGraph
import PithKernels
import PithTensors

/// Several elementwise operators as one.
struct FusedElementwise: Operator {
  static let name = "FusedElementwise"
  static let domain = "pith"

  let chain: ElementwiseChain
  /// The operators it stands for, in order.
  let parts: [String]
  let result: TensorType

  init(_ chain: ElementwiseChain, parts: [String], result: TensorType) {
    self.chain = chain
    self.parts = parts
    self.result = result
  }

  init(_ attributes: Attributes) throws(AttributeError) {
    throw .unsupported("elementwise operators are put together by the compiler alone")
  }

  var attributes: Attributes { ["parts": .string(parts.joined(separator: " "))] }

  func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] { [Fact(result)] }

  func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try chain.kernel(request)
  }
}
