public import PithGraph
public import PithKernels
import PithTensors

/// x where positive, else `alpha` (e^x - 1). Clevert et al., ICLR 2016.
public struct Elu: ActivationOperator {
  public static let name = "Elu"
  public static let examples = [
    Example([.random([2, 3, 4, 4], low: -2, high: 2)]),
    Example([.random([5, 3])], ["alpha": .float(0.5)]),
  ]
  public let alpha: Float

  public init(alpha: Float = 1) { self.alpha = alpha }

  public init(_ attributes: Attributes) throws(AttributeError) {
    alpha = try attributes.float("alpha", default: 1)
  }

  public var attributes: Attributes { alpha == 1 ? [:] : ["alpha": .float(alpha)] }

  public var function: Activation { .elu(alpha: alpha) }
  public var differentiatesOutput: Bool { alpha >= 0 }
}
