public import PithGraph
import PithKernels
public import PithTensors

/// Ones on a diagonal of a matrix of the input's extents, zeros elsewhere.
public struct EyeLike: Operator {
  public static let name = "EyeLike"
  public static let examples = [
    Example([.random([3, 4])], differentiable: false),
    Example([.random([3, 2])], ["k": .int(-1), "dtype": .int(7)], differentiable: false),
    Example([.random([3, 5])], ["k": .int(2), "dtype": .int(11)], differentiable: false),
  ]

  /// Which diagonal: 0 the main one, positive ones above it.
  public let diagonal: Int
  /// Nil for the input's.
  public let dtype: DType?

  public init(diagonal: Int = 0, dtype: DType? = nil) {
    self.diagonal = diagonal
    self.dtype = dtype
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    var dtype: DType?
    if attributes.has("dtype") {
      let code = try attributes.int("dtype")
      dtype = DType(onnxCode: code)
      guard dtype != nil, dtype != .string else { throw .unsupported("dtype \(code)") }
    }
    self.init(diagonal: try attributes.int("k", default: 0), dtype: dtype)
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if diagonal != 0 { values["k"] = .int(diagonal) }
    if let dtype { values["dtype"] = .int(dtype.onnxCode) }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    guard data.rank == 2 else { throw .rank(input: 0, expected: "2", actual: data.rank) }
    guard (dtype ?? data.dtype) != .string else { throw .type(input: 0, .string) }
    return [Fact(dtype ?? data.dtype, data.dimensions)]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] { [nil] }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let result = try request.output(0)
    let (rows, columns) = (result.shape[0], result.shape[1])
    var elements = Tensor(.uint8, result.shape)
    elements.update(as: UInt8.self) { elements in
      for row in 0..<rows {
        let (column, overflow) = row.addingReportingOverflow(diagonal)
        if !overflow, column >= 0, column < columns { elements[row * columns + column] = 1 }
      }
    }
    return constantKernel(elements.converted(to: result.dtype), request)
  }
}
