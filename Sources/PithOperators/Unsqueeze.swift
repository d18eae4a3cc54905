public import PithGraph
import PithKernels
public import PithTensors

/// Puts axes of extent one at the places (of the result) that input 1 names.
public struct Unsqueeze: Operator {
  public static let name = "Unsqueeze"
  public static let examples = [
    Example([.random([2, 3]), .constant(Tensor([0] as [Int64]))]),
    Example([.random([2, 3]), .constant(Tensor([3, 1] as [Int64]))]),
    Example([.random([2, 3]), .constant(Tensor([-1, 0] as [Int64]))]),
    Example([.random([]), .constant(Tensor([0] as [Int64]))]),
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    let axes = try inputs.knownIntegers(1, "the axes")
    guard axes.count <= largestShapeValue else { throw .invalid("\(axes.count) axes") }
    let rank = data.rank + axes.count
    let places = try normalize(axes: axes, rank: rank)
    var rest = data.dimensions[...]
    let dimensions = (0..<rank).map { place in
      places.contains(place) ? Dimension.fixed(1) : rest.removeFirst()
    }
    return [Fact(data.dtype, dimensions, elements: rank <= 1 ? data.elements : nil)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    var links = AxisLinks()
    links.reshape(inputs, outputs)
    return links
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    [try graph.reshape(upstream[0], like: node.inputs[0]), nil]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    reshapeKernel(request)
  }
}
