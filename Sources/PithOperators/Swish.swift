public import PithGraph
public import PithKernels
import PithTensors

/// x sigmoid(`alpha` x). Ramachandran et al., "Searching for activation functions", 2017.
public struct Swish: ActivationOperator {
  public static let name = "Swish"
  public static let examples = [
    Example([.random([2, 3, 4, 4], low: -3, high: 3)]),
    Example([.random([5, 3])], ["alpha": .float(1.7)]),
  ]
  public let alpha: Float

  public init(alpha: Float = 1) { self.alpha = alpha }

  public init(_ attributes: Attributes) throws(AttributeError) {
    alpha = try attributes.float("alpha", default: 1)
  }

  public var attributes: Attributes { alpha == 1 ? [:] : ["alpha": .float(alpha)] }

  public var function: Activation { .swish(alpha: alpha) }
}
