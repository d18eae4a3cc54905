public import PithGraph
public import PithKernels
import PithTensors

/// x / (1 + |x|).
public struct Softsign: MapOperator {
  public static let name = "Softsign"
  public static let examples = [Example([.random([2, 3, 4, 4], low: -3, high: 3)])]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public var function: MapFunction { .softSign }
}
