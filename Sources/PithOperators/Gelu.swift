public import PithGraph
public import PithKernels
import PithTensors

/// x times the share of a standard normal distribution below x: x/2 (1 + erf(x / sqrt 2)), or its
/// approximation by tanh. Hendrycks and Gimpel, "Gaussian error linear units", 2016.
public struct Gelu: ActivationOperator {
  public static let name = "Gelu"
  public static let examples = [
    Example([.random([2, 3, 4, 4], low: -3, high: 3)]),
    Example([.random([2, 3, 4, 4], low: -3, high: 3)], ["approximate": .string("tanh")]),
  ]
  public let approximates: Bool

  public init(approximates: Bool = false) { self.approximates = approximates }

  public init(_ attributes: Attributes) throws(AttributeError) {
    switch try attributes.string("approximate", default: "none") {
    case "none": approximates = false
    case "tanh": approximates = true
    case let other: throw .invalid("approximate", value: other)
    }
  }

  public var attributes: Attributes { approximates ? ["approximate": .string("tanh")] : [:] }

  public var function: Activation { approximates ? .geluTanh : .geluErf }
}
