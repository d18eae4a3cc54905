public import PithGraph
import PithKernels
public import PithTensors

/// x less its mean and divided by its standard deviation, both over `axes` (by default all but the
/// channels of (N, C, H, W)).
public struct MeanVarianceNormalization: Operator {
  public static let name = "MeanVarianceNormalization"
  public static let examples = [
    Example([.random([2, 3, 4, 4])]),
    Example([.random([3, 8])], ["axes": .ints([-1])]),
  ]
  static let defaultAxes = [0, 2, 3]
  /// What is added to the deviation.
  static let epsilon = 1e-9
  public let axes: [Int]

  public init(axes: [Int]? = nil) { self.axes = axes ?? Self.defaultAxes }

  public init(_ attributes: Attributes) throws(AttributeError) {
    axes = try attributes.ints("axes") ?? Self.defaultAxes
  }

  public var attributes: Attributes { axes == Self.defaultAxes ? [:] : ["axes": .ints(axes)] }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    guard data.dtype.isFloatingPoint else { throw .type(input: 0, data.dtype) }
    _ = try normalize(axes: axes, rank: data.rank)
    return [Fact(data.type)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    guard let rank = inputs.optional(0)?.rank else { return .none }
    var links = AxisLinks()
    links.along(
      inputs, outputs, except: Set(axes.map { $0 < 0 ? $0 + rank : $0 }),
      because: "takes its mean and variance over this axis")
    return links
  }

  /// With z = y and s the deviation: (g - mean(g) - z mean(g z)) / s.
  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], let data = node.inputs[0], let result = node.output else {
      return [nil]
    }
    let axes = graph.addWeight(nil, Tensor(axes.map(Int64.init)))
    let centred = try graph.add(Sub(), data, graph.add(ReduceMean(), data, axes))
    let variance = try graph.add(ReduceMean(), graph.add(Mul(), centred, centred), axes)
    let product = try graph.add(ReduceMean(), graph.add(Mul(), gradient, result), axes)
    let level = try graph.add(Sub(), gradient, graph.add(ReduceMean(), gradient, axes))
    let slope = try graph.add(Sub(), level, graph.add(Mul(), result, product))
    return [try graph.add(Div(), slope, graph.add(Sqrt(), variance))]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let rank = try request.input(0).shape.rank
    var reduced = [Bool](repeating: false, count: rank)
    for axis in axes { reduced[axis < 0 ? axis + rank : axis] = true }
    return try meanVarianceKernel(reduced: reduced, epsilon: Self.epsilon, request)
  }
}
