public import PithGraph
public import PithKernels
import PithTensors

/// x clip(x / 6 + 1/2, 0, 1). Howard et al., "Searching for MobileNetV3", ICCV 2019.
public struct HardSwish: ActivationOperator {
  public static let name = "HardSwish"
  public static let examples = [Example([.random([2, 3, 4, 4], low: -4.1, high: 4.1)])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public var function: Activation { .hardSwish(alpha: 1 / 6, beta: 0.5) }
}
