public import PithGraph
import PithKernels
public import PithTensors

/// `gamma` x where positive, else `gamma` `alpha` (e^x - 1). Klambauer et al., "Self-normalizing
/// neural networks", NeurIPS 2017.
public struct Selu: ElementwiseOperator {
  public static let name = "Selu"
  public static let examples = [
    Example([.random([2, 3, 4, 4], low: -2, high: 2)]),
    Example([.random([5, 3])], ["alpha": .float(2), "gamma": .float(3)]),
  ]
  static let defaultAlpha: Float = 1.67326319217681884765625
  static let defaultGamma: Float = 1.05070102214813232421875

  public let alpha: Float
  public let gamma: Float

  public init(alpha: Float? = nil, gamma: Float? = nil) {
    self.alpha = alpha ?? Self.defaultAlpha
    self.gamma = gamma ?? Self.defaultGamma
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    alpha = try attributes.float("alpha", default: Self.defaultAlpha)
    gamma = try attributes.float("gamma", default: Self.defaultGamma)
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if alpha != Self.defaultAlpha { values["alpha"] = .float(alpha) }
    if gamma != Self.defaultGamma { values["gamma"] = .float(gamma) }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(0).type)]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], let input = node.inputs[0] else { return [nil] }
    let scaled = try graph.add(Scaling(gamma), gradient)
    return [try graph.activationGradient(.elu(alpha: alpha), scaled, from: input)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try mapKernel(.scaledExponential(alpha: alpha, gamma: gamma), request)
  }
}
