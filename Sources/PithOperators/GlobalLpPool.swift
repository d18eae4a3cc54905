public import PithGraph
import PithKernels
public import PithTensors

/// (sum of |x|^p)^(1/p) over all spatial axes of data (N, C, spatial...), kept with extent one.
public struct GlobalLpPool: Operator {
  public static let name = "GlobalLpPool"
  public static let examples = [
    Example([.random([2, 3, 4, 5])]),
    Example([.random([2, 3, 7])], ["p": .int(1)]),
  ]
  public let exponent: Int

  public init(exponent: Int = 2) { self.exponent = exponent }

  public init(_ attributes: Attributes) throws(AttributeError) {
    exponent = try poolingExponent(attributes)
  }

  public var attributes: Attributes { exponent == 2 ? [:] : ["p": .int(exponent)] }

  private var pool: LpPool { LpPool(window: WindowAttributes(), exponent: exponent) }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [try inferGlobalPooling(inputs)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    var links = AxisLinks()
    links.channels(inputs, outputs)
    return links
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    try pool.gradient(of: node, upstream: upstream, wanted: wanted, in: &graph)
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try pool.kernel(request)
  }
}
