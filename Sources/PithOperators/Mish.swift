public import PithGraph
public import PithKernels
import PithTensors

/// x tanh(ln(1 + e^x)). Misra, BMVC 2020.
public struct Mish: ActivationOperator {
  public static let name = "Mish"
  public static let examples = [Example([.random([2, 3, 4, 4], low: -4, high: 4)])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public var function: Activation { .mish }
}
