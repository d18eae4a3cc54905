public import PithGraph
public import PithKernels
import PithTensors

/// x where positive, else `alpha` (e^(x / `alpha`) - 1). Barron, "Continuously differentiable
/// exponential linear units", 2017.
public struct Celu: MapOperator {
  public static let name = "Celu"
  public static let examples = [
    Example([.random([2, 3, 4, 4], low: -3, high: 3)]),
    Example([.random([5, 3])], ["alpha": .float(2)]),
  ]
  public let alpha: Float

  public init(alpha: Float = 1) { self.alpha = alpha }

  public init(_ attributes: Attributes) throws(AttributeError) {
    alpha = try attributes.float("alpha", default: 1)
  }

  public var attributes: Attributes { alpha == 1 ? [:] : ["alpha": .float(alpha)] }

  public var function: MapFunction { .celu(alpha: alpha) }
}
