public import PithGraph
import PithKernels
public import PithTensors

/// Local response normalisation over neighbouring channels of data (N, C, ...):
/// x / (bias + alpha / size * (sum of squares))^beta. Krizhevsky et al., NIPS 2012.
public struct LRN: Operator {
  public static let name = "LRN"
  public static let examples = [
    Example([.random([2, 7, 3, 3])], ["size": .int(3), "alpha": .float(0.5)]),
    Example(
      [.random([1, 5, 4])],
      ["size": .int(4), "alpha": .float(1), "beta": .float(0.6), "bias": .float(2)]),
  ]
  public let size: Int
  public let alpha: Float
  public let beta: Float
  public let bias: Float

  public init(size: Int, alpha: Float = 1e-4, beta: Float = 0.75, bias: Float = 1) {
    self.size = size
    self.alpha = alpha
    self.beta = beta
    self.bias = bias
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    size = try attributes.int("size")
    guard size > 0 else { throw .invalid("size", value: String(size)) }
    alpha = try attributes.float("alpha", default: 1e-4)
    beta = try attributes.float("beta", default: 0.75)
    bias = try attributes.float("bias", default: 1)
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = ["size": .int(size)]
    if alpha != 1e-4 { values["alpha"] = .float(alpha) }
    if beta != 0.75 { values["beta"] = .float(beta) }
    if bias != 1 { values["bias"] = .float(bias) }
    return Attributes(values)
  }

  private var normalization: LocalResponseNormalization {
    LocalResponseNormalization(size: size, alpha: alpha, beta: beta, bias: bias)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    guard data.rank >= 2 else { throw .rank(input: 0, expected: "2 or more", actual: data.rank) }
    return [Fact(data.type)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    var links = AxisLinks()
    links.along(inputs, outputs, except: [1], because: "divides by sums over neighbouring channels")
    return links
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0] else { return [nil] }
    return [try graph.add(LRNGradient(self), gradient, node.inputs[0])]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try normalization.forward(request)
  }

  fileprivate func gradientKernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try normalization.gradient(request)
  }
}

/// dL/dx of an `LRN`. Inputs: dL/dy, x.
public struct LRNGradient: Operator {
  public static let name = "LRNGradient"
  public static let domain = "pith"
  let forward: LRN

  init(_ forward: LRN) { self.forward = forward }
  public init(_ attributes: Attributes) throws(AttributeError) { self.init(try LRN(attributes)) }

  public var attributes: Attributes { forward.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(1).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try forward.gradientKernel(request)
  }
}
