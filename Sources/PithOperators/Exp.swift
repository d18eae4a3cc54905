public import PithGraph
public import PithKernels
import PithTensors

/// e^x.
public struct Exp: ActivationOperator {
  public static let name = "Exp"
  public static let examples = [Example([.random([2, 3, 4, 4])])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public var function: Activation { .exp }
  public var differentiatesOutput: Bool { true }
}
