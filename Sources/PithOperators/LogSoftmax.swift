public import PithGraph
import PithKernels
public import PithTensors

/// x - ln(sum of e^x) along one axis.
public struct LogSoftmax: Operator {
  public static let name = "LogSoftmax"
  public static let examples = [
    Example([.random([4, 10], low: -3, high: 3)]),
    Example([.random([2, 3, 4, 4])], ["axis": .int(1)]),
  ]
  public let axis: Int

  public init(axis: Int = -1) { self.axis = axis }

  public init(_ attributes: Attributes) throws(AttributeError) {
    axis = try attributes.int("axis", default: -1)
  }

  public var attributes: Attributes { axis == -1 ? [:] : ["axis": .int(axis)] }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    try inferAlongAxis(inputs, axis)
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let shape = inputs.optional(0)?.type.shape else { return .none }
    var links = AxisLinks()
    links.along(
      inputs, outputs, except: [axis < 0 ? axis + shape.rank : axis],
      because: "normalises along this axis")
    return links
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    [try graph.softmaxGradient(of: node, axis: axis, logarithm: true, upstream[0])]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try softmaxKernel(axis: frontAxis(axis, request), logarithm: true, request)
  }
}
