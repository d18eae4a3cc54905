public import PithGraph
import PithKernels
public import PithTensors

/// Dropout as it works during training: a random share `ratio` of the elements becomes zero, the
/// others are divided by 1 - `ratio`. Srivastava et al., JMLR 2014.
///
/// Inputs: x (float32), step number (int32 scalar). Which elements are kept depends on the seed, the stream (one per layer),
/// the step and the place, so that the gradient finds them again without being told.
public struct DropoutTraining: Operator {
  public static let name = "DropoutTraining"
  public static let domain = "pith"
  public let ratio: Float
  public let seed: UInt64
  public let stream: UInt32

  public init(ratio: Float, seed: UInt64, stream: UInt32) {
    self.ratio = ratio
    self.seed = seed
    self.stream = stream
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    throw .unsupported("active dropout is made by training alone")
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let step = try inputs.required(1)
    guard step.dtype == .int32 else { throw .type(input: 1, step.dtype) }
    return [Fact(try inputs.required(0).type)]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0] else { return [nil, nil] }
    return [try graph.add(self, gradient, node.inputs[1]), nil]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try dropoutKernel(ratio: ratio, seed: seed, stream: stream, request)
  }
}
