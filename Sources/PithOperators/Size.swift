public import PithGraph
import PithKernels
public import PithTensors

/// The number of elements of its input.
public struct Size: Operator {
  public static let name = "Size"
  public static let examples = [
    Example([.random([2, 3, 4])], differentiable: false),
    Example([.random([])], differentiable: false),
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let count = DimensionProduct(try inputs.required(0).dimensions).dimension
    return [Fact(.int64, [], elements: [count])]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] { [nil] }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    constantKernel(Tensor(scalar: Int64(try request.input(0).shape.count)), request)
  }
}
