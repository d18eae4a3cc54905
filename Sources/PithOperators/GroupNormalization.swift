public import PithGraph
import PithKernels
public import PithTensors

/// Each group of channels of each sample brought to mean 0 and variance 1, then each channel scaled
/// and shifted. Wu and He, "Group normalization", ECCV 2018.
///
/// Inputs: x (N, C, ...), scale (C), shift (C).
public struct GroupNormalization: Operator {
  public static let name = "GroupNormalization"
  public static let examples = [
    Example([.random([2, 4, 3, 3]), .random([4]), .random([4])], ["num_groups": .int(2)]),
    Example(
      [.random([2, 4, 5]), .random([4]), .random([4])],
      ["num_groups": .int(1), "epsilon": .float(0.01)]),
  ]
  public let groups: Int
  public let epsilon: Float

  public init(groups: Int, epsilon: Float = 1e-5) {
    self.groups = groups
    self.epsilon = epsilon
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    groups = try attributes.int("num_groups")
    guard groups > 0 else { throw .invalid("num_groups", value: String(groups)) }
    epsilon = try attributes.float("epsilon", default: 1e-5)
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = ["num_groups": .int(groups)]
    if epsilon != 1e-5 { values["epsilon"] = .float(epsilon) }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let result = try inferChannelNormalization(inputs)
    if let channels = result[0].dimensions[1].size, groups > channels || channels % groups != 0 {
      throw .mismatch("\(channels) channels cannot be put into \(groups) groups")
    }
    return result
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let shape = inputs.optional(0)?.type.shape, shape.rank > 1 else { return .none }
    var links = AxisLinks()
    links.channels(inputs, outputs, vectors: 1..<3)
    links.blocks(.input(0, 1), of: shape[1] / groups, count: groups)
    return links
  }

  public func narrowed(_ narrowing: Narrowing) throws(ShapeError) -> Narrowed {
    guard let kept = narrowing.kept(.input(0, 1)),
      let channels = narrowing.inputs.optional(0)?.dimensions[1].size
    else { return Narrowed(self) }
    return Narrowed(GroupNormalization(groups: kept.count * groups / channels, epsilon: epsilon))
  }

  public func role(ofInput index: Int) -> WeightRole? { index > 0 ? .normalization : nil }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    try graph.rowNormalizationGradient(
      of: node, .group(count: groups), epsilon: epsilon, upstream[0])
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try NormalizedRows.group(count: groups).rows(of: request.input(0).shape, epsilon: epsilon)
      .forward(request)
  }
}
