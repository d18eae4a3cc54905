public import PithGraph
import PithKernels
public import PithTensors

/// Drops the axes of extent one that input 1 names; all of them where it is absent.
public struct Squeeze: Operator {
  public static let name = "Squeeze"
  public static let examples = [
    Example([.random([1, 3, 1, 2])]),
    Example([.random([1, 3, 1, 2]), .constant(Tensor([2] as [Int64]))]),
    Example([.random([1, 3, 1, 2]), .constant(Tensor([-2, 0] as [Int64]))]),
    Example([.random([1]), .constant(Tensor([0] as [Int64]))]),
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    let dropped: [Int]
    if let axes = try inputs.optionalIntegers(1, "the axes") {
      dropped = try normalize(axes: axes, rank: data.rank)
      for axis in dropped {
        if let size = data.dimensions[axis].size, size != 1 {
          throw .mismatch("axis \(axis) has extent \(size), so it cannot be dropped")
        }
      }
    } else {
      dropped = data.dimensions.indices.filter { data.dimensions[$0] == 1 }
    }
    let kept = data.dimensions.indices.filter { !dropped.contains($0) }
    return [
      Fact(data.dtype, kept.map { data.dimensions[$0] }, elements: data.elements)
    ]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    var links = AxisLinks()
    links.reshape(inputs, outputs)
    return links
  }

  /// Axes that are not named are named now: an axis may be left with a single place.
  public func narrowed(_ narrowing: Narrowing) throws(ShapeError) -> Narrowed {
    guard narrowing.inputs.optional(1) == nil, let data = narrowing.inputs.optional(0) else {
      return Narrowed(self)
    }
    let dropped = data.dimensions.indices.filter { data.dimensions[$0] == 1 }
    return Narrowed(self, constants: [1: Tensor(dropped.map(Int64.init))])
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
