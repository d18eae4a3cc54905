public import PithGraph
public import PithKernels
import PithTensors

/// x - `bias` where x is above `threshold`, x + `bias` where it is below -`threshold`, else 0.
public struct Shrink: MapOperator {
  public static let name = "Shrink"
  public static let examples = [
    Example([.random([2, 3, 4, 4], low: -2, high: 2)]),
    Example([.random([5, 3], low: -3, high: 3)], ["lambd": .float(1.1), "bias": .float(0.7)]),
  ]
  public let threshold: Float
  public let bias: Float

  public init(threshold: Float = 0.5, bias: Float = 0) {
    self.threshold = threshold
    self.bias = bias
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    threshold = try attributes.float("lambd", default: 0.5)
    bias = try attributes.float("bias", default: 0)
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if threshold != 0.5 { values["lambd"] = .float(threshold) }
    if bias != 0 { values["bias"] = .float(bias) }
    return Attributes(values)
  }

  public var function: MapFunction { .shrink(threshold: threshold, bias: bias) }
}
