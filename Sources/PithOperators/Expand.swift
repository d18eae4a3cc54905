public import PithGraph
import PithKernels
public import PithTensors

/// The input stretched, as NumPy does, to the common shape of itself and the one input 1 gives.
public struct Expand: Operator {
  public static let name = "Expand"
  public static let examples = [
    Example([.random([3, 1]), .constant(Tensor([2, 1, 4] as [Int64]))]),
    Example([.random([3, 4]), .constant(Tensor([1] as [Int64]))]),
    Example([.random([]), .constant(Tensor([2, 2] as [Int64]))]),
    Example([.random([2, 1, 3]), .constant(Tensor([2, 5, 3] as [Int64]))]),
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (data, shape) = (try inputs.required(0), try inputs.required(1))
    let target: [Dimension]
    if let integers = shape.integers {
      target = integers.map(Dimension.fixed)
    } else if let elements = shape.shapeElements {
      target = elements
    } else {
      throw .notConstant(input: 1, "the target shape")
    }
    if let bad = target.first(where: { ($0.size ?? 0) < 0 }) {
      throw .invalid("a target extent of \(bad)")
    }
    var fact = Fact(data.dtype, try broadcast(data.dimensions, target))
    if fact.rank <= 1, let elements = data.elements, let count = fact.type.shape?.count,
      count <= largestShapeValue
    {
      fact.elements =
        elements.count == count
        ? elements : elements.first.map { [Dimension](repeating: $0, count: count) }
    }
    return [fact]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    var links = AxisLinks()
    links.elementwise(Array(inputs.prefix(1)), outputs)
    return links
  }

  public func narrowed(_ narrowing: Narrowing) throws(ShapeError) -> Narrowed {
    guard let data = narrowing.inputs.optional(0), let after = narrowing.dimensions(of: .output(0))
    else { return Narrowed(self) }
    var target: [Int64] = []
    for (place, dimension) in after.enumerated() {
      let axis = place - (after.count - data.rank)
      if axis >= 0, data.dimensions[axis] != 1 {
        target.append(1)
      } else if let size = dimension.size {
        target.append(Int64(size))
      } else {
        throw .notConstant(input: 1, "the target shape")
      }
    }
    return Narrowed(self, constants: [1: Tensor(target)])
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], let data = node.inputs[0] else { return [nil, nil] }
    return [try graph.sum(gradient, like: data), nil]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let (data, result) = (try request.input(0), try request.output(0))
    let lead = result.shape.rank - data.shape.rank
    let strides = data.shape.strides
    let steps = (0..<result.shape.rank).map { axis in
      axis < lead || data.shape[axis - lead] == 1 ? 0 : strides[axis - lead]
    }
    return try regionsKernel(
      request,
      [
        Region(
          extents: result.shape.dimensions, from: .init(strides: steps),
          to: .init(strides: result.shape.strides))
      ])
  }
}
