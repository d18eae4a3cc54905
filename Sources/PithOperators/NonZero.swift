public import PithGraph
import PithKernels
public import PithTensors

/// The positions of the elements that are not zero, a column each: (rank, count). The input must
/// be known before running, as the shape of the result depends on it.
public struct NonZero: Operator {
  public static let name = "NonZero"
  public static let examples = [
    Example([.constant(Tensor([1, 0, 0, -2, 3, 0] as [Float], [2, 3]))]),
    Example([.constant(Tensor([false, true]))]),
    Example([.constant(Tensor([0, 0] as [Int64]))]),
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    guard data.dtype != .string else { throw .type(input: 0, .string) }
    guard let known = data.knownTensor else {
      return [Fact(.int64, [.fixed(data.rank), .unknown])]
    }
    return [Fact(.int64, [.fixed(data.rank), .fixed(Self.places(known).count)])]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] { [nil] }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let data = try request.input(0)
    guard let known = data.constant else {
      throw .unsupported("the positions of non-zero elements that are computed while running")
    }
    let places = Self.places(known)
    var rows: [Int64] = []
    for (extent, stride) in zip(data.shape.dimensions, data.shape.strides) {
      rows += places.map { Int64($0 / stride % extent) }
    }
    return constantKernel(Tensor(rows, [data.shape.rank, places.count]), request)
  }

  private static func places(_ tensor: Tensor) -> [Int] {
    tensor.dtype.isFloatingPoint
      ? tensor.doubles.enumerated().filter { $0.element != 0 }.map(\.offset)
      : tensor.integers.enumerated().filter { $0.element != 0 }.map(\.offset)
  }
}
