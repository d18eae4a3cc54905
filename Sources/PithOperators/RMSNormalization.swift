public import PithGraph
import PithKernels
public import PithTensors

/// Each element divided by the root mean square over the axes from `axis` on, then scaled. Zhang
/// and Sennrich, "Root mean square layer normalization", NeurIPS 2019.
///
/// Inputs: x, scale over the normalised axes.
public struct RMSNormalization: Operator {
  public static let name = "RMSNormalization"
  public static let examples = [
    Example([.random([4, 8]), .random([8])]),
    Example([.random([2, 3, 4]), .random([3, 4])], ["axis": .int(1)]),
    Example([.random([3, 70]), .random([70])], ["epsilon": .float(0.1)]),
  ]
  public let axis: Int
  public let epsilon: Float

  public init(axis: Int = -1, epsilon: Float = 1e-5) {
    self.axis = axis
    self.epsilon = epsilon
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    axis = try attributes.int("axis", default: -1)
    epsilon = try attributes.float("epsilon", default: 1e-5)
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if axis != -1 { values["axis"] = .int(axis) }
    if epsilon != 1e-5 { values["epsilon"] = .float(epsilon) }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (data, scale) = (try inputs.required(0), try inputs.required(1))
    guard data.dtype.isFloatingPoint else { throw .type(input: 0, data.dtype) }
    guard data.rank > 0 else { throw .rank(input: 0, expected: "1 or more", actual: 0) }
    let axis = try normalize(axis: axis, rank: data.rank)
    let normalized = DimensionProduct(data.dimensions[axis...]).dimension.size
    if let count = scale.type.shape?.checkedCount, let normalized, count != normalized {
      throw .mismatch("the scale has \(count) elements, expected \(normalized)")
    }
    return [Fact(data.type)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let shape = inputs.optional(0)?.type.shape, shape.rank > 0 else { return .none }
    var links = AxisLinks()
    links.along(
      inputs, outputs, except: Set((axis < 0 ? axis + shape.rank : axis)..<shape.rank),
      because: "takes its mean square over this axis")
    return links
  }

  public func role(ofInput index: Int) -> WeightRole? { index > 0 ? .normalization : nil }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0] else { return [nil, nil] }
    return try graph.add(
      RMSNormalizationGradient(self), [gradient, node.inputs[0], node.inputs[1]])
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try rows(of: request.input(0).shape).forward(request)
  }

  func rows(of shape: Shape) -> RootMeanSquareNormalization {
    let axis = axis < 0 ? axis + shape.rank : axis
    return RootMeanSquareNormalization(
      rows: shape.dimensions[..<axis].reduce(1, *), length: shape.dimensions[axis...].reduce(1, *),
      epsilon: epsilon)
  }
}

/// dL/dx and dL/dscale of an `RMSNormalization`. Inputs: dL/dy, x, scale.
public struct RMSNormalizationGradient: Operator {
  public static let name = "RMSNormalizationGradient"
  public static let domain = "pith"
  let forward: RMSNormalization

  init(_ forward: RMSNormalization) { self.forward = forward }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(try RMSNormalization(attributes))
  }

  public var attributes: Attributes { forward.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(1).type), Fact(try inputs.required(2).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try forward.rows(of: request.input(1).shape).gradient(request)
  }
}
