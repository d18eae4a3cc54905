public import PithGraph
public import PithKernels
import PithTensors

/// x where positive, else `alpha` x.
public struct LeakyRelu: ActivationOperator {
  public static let name = "LeakyRelu"
  public static let examples = [
    Example([.random([2, 3, 4, 4])]),
    Example([.random([5, 3])], ["alpha": .float(0.3)]),
    Example([.random([5, 3])], ["alpha": .float(-0.5)]),
  ]
  public let alpha: Float

  public init(alpha: Float = 0.01) { self.alpha = alpha }

  public init(_ attributes: Attributes) throws(AttributeError) {
    alpha = try attributes.float("alpha", default: 0.01)
  }

  public var attributes: Attributes { alpha == 0.01 ? [:] : ["alpha": .float(alpha)] }

  public var function: Activation { .leakyRelu(slope: alpha) }
  public var differentiatesOutput: Bool { alpha >= 0 }
}
