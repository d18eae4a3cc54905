public import PithGraph
import PithKernels
public import PithTensors

/// x divided by its norm along one axis: the sum of magnitudes (`norm` 1) or the Euclidean one (2).
/// Zeros stay zeros.
public struct LpNormalization: Operator {
  public static let name = "LpNormalization"
  public static let examples = [
    Example([.random([2, 3, 4])]),
    Example([.random([2, 5, 3])], ["axis": .int(1), "p": .int(1)]),
    Example([.random([4, 2])], ["axis": .int(0)]),
  ]
  public let axis: Int
  public let norm: Int

  public init(axis: Int = -1, norm: Int = 2) {
    self.axis = axis
    self.norm = norm
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    axis = try attributes.int("axis", default: -1)
    norm = try attributes.int("p", default: 2)
    guard norm == 1 || norm == 2 else { throw .invalid("p", value: String(norm)) }
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if axis != -1 { values["axis"] = .int(axis) }
    if norm != 2 { values["p"] = .int(norm) }
    return Attributes(values)
  }

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
    guard let gradient = upstream[0] else { return [nil] }
    return [try graph.add(LpNormalizationGradient(self), gradient, node.inputs[0])]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try lpNormalizationKernel(norm: norm, axis: frontAxis(axis, request), request)
  }
}

/// dL/dx of an `LpNormalization`. Inputs: dL/dy, x.
public struct LpNormalizationGradient: Operator {
  public static let name = "LpNormalizationGradient"
  public static let domain = "pith"
  let forward: LpNormalization

  init(_ forward: LpNormalization) { self.forward = forward }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(try LpNormalization(attributes))
  }

  public var attributes: Attributes { forward.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(1).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try lpNormalizationGradientKernel(
      norm: forward.norm, axis: frontAxis(forward.axis, request, input: 1), request)
  }
}
