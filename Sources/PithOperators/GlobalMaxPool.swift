public import PithGraph
import PithKernels
public import PithTensors

/// The largest element over all spatial axes of data (N, C, spatial...), kept with extent one.
public struct GlobalMaxPool: Operator {
  public static let name = "GlobalMaxPool"
  public static let examples = [
    Example([.random([2, 3, 4, 5])]),
    Example([.random([2, 3, 7])]),
    Example([.random([1, 2, 3, 2, 4])]),
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  /// A window without a kernel's size covers everything.
  private var pool: MaxPool { MaxPool(window: WindowAttributes()) }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] { try pool.infer(inputs) }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    try pool.gradient(of: node, upstream: upstream, wanted: wanted, in: &graph)
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    var links = AxisLinks()
    links.channels(inputs, outputs)
    return links
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try pool.kernel(request)
  }
}
