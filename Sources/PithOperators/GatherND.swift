public import PithGraph
import PithKernels
public import PithTensors

/// The runs of data that index tuples name: data (B..., I..., R...), indices (B..., T..., d),
/// where d numbers give the position on the axes I; result (B..., T..., R...).
public struct GatherND: Operator {
  public static let name = "GatherND"
  public static let examples = [
    Example([.random([3, 4]), .constant(Tensor([0, 1, 2, -1] as [Int64], [2, 2]))]),
    Example([.random([3, 4]), .constant(Tensor([2, 0, 2] as [Int64], [3, 1]))]),
    Example(
      [.random([2, 3, 4]), .constant(Tensor([1, 0] as [Int32], [2, 1]))],
      ["batch_dims": .int(1)]),
  ]

  public let batchAxes: Int

  public init(batchAxes: Int = 0) { self.batchAxes = batchAxes }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(batchAxes: try attributes.int("batch_dims", default: 0))
  }

  public var attributes: Attributes { batchAxes == 0 ? [:] : ["batch_dims": .int(batchAxes)] }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (data, indices) = (try inputs.required(0), try inputs.required(1))
    return [
      Fact(data.dtype, try inferTuplePlaces(data: data, indices: indices, batchAxes: batchAxes))
    ]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], wanted[0] else { return [nil, nil] }
    let sum = IndexedSum(.tuples(batchAxes: batchAxes))
    return [try graph.add(sum, gradient, node.inputs[1], node.inputs[0]), nil]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try takeKernel(.tuples(batchAxes: batchAxes), request)
  }
}
