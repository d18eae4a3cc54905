public import PithGraph
import PithKernels
public import PithTensors

/// Each channel of each sample brought to mean 0 and variance 1, then scaled and shifted. Ulyanov
/// et al., "Instance normalization", 2016.
///
/// Inputs: x (N, C, ...), scale (C), shift (C).
public struct InstanceNormalization: Operator {
  public static let name = "InstanceNormalization"
  public static let examples = [
    Example([.random([2, 3, 4, 4]), .random([3]), .random([3])]),
    Example([.random([2, 3, 9]), .random([3]), .random([3])], ["epsilon": .float(0.01)]),
  ]
  public let epsilon: Float

  public init(epsilon: Float = 1e-5) { self.epsilon = epsilon }

  public init(_ attributes: Attributes) throws(AttributeError) {
    epsilon = try attributes.float("epsilon", default: 1e-5)
  }

  public var attributes: Attributes { epsilon == 1e-5 ? [:] : ["epsilon": .float(epsilon)] }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    try inferChannelNormalization(inputs)
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    var links = AxisLinks()
    links.channels(inputs, outputs, vectors: 1..<3)
    return links
  }

  public func role(ofInput index: Int) -> WeightRole? { index > 0 ? .normalization : nil }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    try graph.rowNormalizationGradient(of: node, .instance, epsilon: epsilon, upstream[0])
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try NormalizedRows.instance.rows(of: request.input(0).shape, epsilon: epsilon).forward(request)
  }
}
