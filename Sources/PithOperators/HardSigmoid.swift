public import PithGraph
public import PithKernels
import PithTensors

/// clip(`alpha` x + `beta`, 0, 1).
public struct HardSigmoid: ActivationOperator {
  public static let name = "HardSigmoid"
  public static let examples = [
    Example([.random([2, 3, 4, 4], low: -4, high: 4)]),
    Example([.random([5, 3], low: -5, high: 5)], ["alpha": .float(0.3), "beta": .float(0.4)]),
  ]
  public let alpha: Float
  public let beta: Float

  public init(alpha: Float = 0.2, beta: Float = 0.5) {
    self.alpha = alpha
    self.beta = beta
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    alpha = try attributes.float("alpha", default: 0.2)
    beta = try attributes.float("beta", default: 0.5)
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if alpha != 0.2 { values["alpha"] = .float(alpha) }
    if beta != 0.5 { values["beta"] = .float(beta) }
    return Attributes(values)
  }

  public var function: Activation { .hardSigmoid(alpha: alpha, beta: beta) }
}
