public import PithGraph
import PithKernels
public import PithTensors

/// Each element less the mean and divided by the standard deviation over the axes from `axis` on,
/// then scaled and shifted. Ba et al., "Layer normalization", 2016.
///
/// Inputs: x, scale and (optional) shift over the normalised axes. Outputs: y, and where wanted the
/// mean and the inverse standard deviation, with ones for the normalised axes.
public struct LayerNormalization: Operator {
  public static let name = "LayerNormalization"
  public static let examples = [
    Example([.random([4, 8]), .random([8]), .random([8])]),
    Example([.random([2, 3, 4]), .random([3, 4])], ["axis": .int(1)]),
    Example([.random([2, 70]), .random([70]), .random([70])], ["epsilon": .float(0.1)]),
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
    let data = try inputs.required(0)
    guard data.dtype.isFloatingPoint else { throw .type(input: 0, data.dtype) }
    guard data.rank > 0 else { throw .rank(input: 0, expected: "1 or more", actual: 0) }
    let axis = try normalize(axis: axis, rank: data.rank)
    let normalized = DimensionProduct(data.dimensions[axis...]).dimension.size
    for index in 1...2 {
      guard let parameter = index == 1 ? try inputs.required(1) : inputs.optional(2) else {
        continue
      }
      if let count = parameter.type.shape?.checkedCount, let normalized, count != normalized {
        throw .mismatch("input \(index) has \(count) elements, expected \(normalized)")
      }
    }
    let ones = [Dimension](repeating: 1, count: data.rank - axis)
    let statistics = Fact(.float32, data.dimensions[..<axis] + ones)
    return [Fact(data.type), statistics, statistics]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let shape = inputs.optional(0)?.type.shape, shape.rank > 0 else { return .none }
    var links = AxisLinks()
    links.along(
      inputs, outputs, except: Set((axis < 0 ? axis + shape.rank : axis)..<shape.rank),
      because: "takes its mean and variance over this axis")
    return links
  }

  public func role(ofInput index: Int) -> WeightRole? { index > 0 ? .normalization : nil }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard !upstream.dropFirst().contains(where: { $0 != nil }) else {
      throw .notDifferentiable(node: node.name, operator: Self.name)
    }
    return try graph.rowNormalizationGradient(
      of: node, .layer(axis: axis), epsilon: epsilon, upstream[0])
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try NormalizedRows.layer(axis: axis).rows(of: request.input(0).shape, epsilon: epsilon)
      .forward(request)
  }
}
