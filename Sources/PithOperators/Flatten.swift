public import PithGraph
import PithKernels
public import PithTensors

/// A matrix: the axes before `axis` become its rows, the others its columns.
public struct Flatten: Operator {
  public static let name = "Flatten"
  public static let examples = [
    Example([.random([2, 3, 4])]),
    Example([.random([2, 3, 4])], ["axis": .int(0)]),
    Example([.random([2, 3, 4])], ["axis": .int(-1)]),
    Example([.random([2, 3, 4])], ["axis": .int(3)]),
    Example([.random([])], ["axis": .int(0)]),
  ]

  public let axis: Int

  public init(axis: Int = 1) { self.axis = axis }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(axis: try attributes.int("axis", default: 1))
  }

  public var attributes: Attributes { axis == 1 ? [:] : ["axis": .int(axis)] }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    guard axis >= -data.rank, axis <= data.rank else {
      throw .invalid("axis \(axis) does not exist in a value of rank \(data.rank)")
    }
    let split = axis < 0 ? axis + data.rank : axis
    return [
      Fact(
        data.dtype,
        [
          DimensionProduct(data.dimensions[..<split]).dimension,
          DimensionProduct(data.dimensions[split...]).dimension,
        ])
    ]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    var links = AxisLinks()
    links.reshape(inputs, outputs)
    return links
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    [try graph.reshape(upstream[0], like: node.inputs[0])]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    reshapeKernel(request)
  }
}
