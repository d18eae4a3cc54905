public import PithGraph
public import PithKernels
import PithTensors

/// x where it is above `alpha`, else 0. Konda et al., "Zero-bias autoencoders and the benefits of
/// co-adapting features", ICLR 2015.
public struct ThresholdedRelu: MapOperator {
  public static let name = "ThresholdedRelu"
  public static let examples = [
    Example([.random([2, 3, 4, 4], low: -1, high: 2.9)]),
    Example([.random([5, 3])], ["alpha": .float(0.1)]),
  ]
  public let alpha: Float

  public init(alpha: Float = 1) { self.alpha = alpha }

  public init(_ attributes: Attributes) throws(AttributeError) {
    alpha = try attributes.float("alpha", default: 1)
  }

  public var attributes: Attributes { alpha == 1 ? [:] : ["alpha": .float(alpha)] }

  public var function: MapFunction { .threshold(alpha) }
}
