public import PithGraph
import PithKernels
public import PithTensors

/// What layer, instance and group normalisation take as a row.
enum NormalizedRows: Sendable, Hashable {
  case layer(axis: Int)
  case instance
  case group(count: Int)

  /// The rows of a value, whose shape inference has accepted.
  func rows(of shape: Shape, epsilon: Float) -> RowNormalization {
    let dimensions = shape.dimensions
    switch self {
    case .layer(let axis):
      let axis = axis < 0 ? axis + dimensions.count : axis
      return RowNormalization(
        rows: dimensions[..<axis].reduce(1, *), length: dimensions[axis...].reduce(1, *),
        period: 1, inner: 1, epsilon: epsilon)
    case .instance:
      let pixels = dimensions[2...].reduce(1, *)
      return RowNormalization(
        rows: dimensions[0] * dimensions[1], length: pixels, period: max(dimensions[1], 1),
        inner: pixels, epsilon: epsilon)
    case .group(let count):
      let pixels = dimensions[2...].reduce(1, *)
      return RowNormalization(
        rows: dimensions[0] * count, length: dimensions[1] / count * pixels, period: count,
        inner: pixels, epsilon: epsilon)
    }
  }
}

/// dL/dx, dL/dscale and dL/dshift of a normalisation by rows. Inputs: dL/dy, x, scale.
public struct RowNormalizationGradient: Operator {
  public static let name = "RowNormalizationGradient"
  public static let domain = "pith"
  let rows: NormalizedRows
  let epsilon: Float

  init(_ rows: NormalizedRows, epsilon: Float) {
    self.rows = rows
    self.epsilon = epsilon
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    throw .unsupported("a gradient is made by differentiation alone")
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let scale = try inputs.required(2)
    return [Fact(try inputs.required(1).type), Fact(scale.type), Fact(scale.type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try rows.rows(of: request.input(1).shape, epsilon: epsilon).gradient(request)
  }
}

extension Graph {
  mutating func rowNormalizationGradient(
    of node: Node, _ rows: NormalizedRows, epsilon: Float, _ upstream: Value?
  ) throws(GraphError) -> [Value?] {
    guard let upstream else { return [nil, nil, nil] }
    return try add(
      RowNormalizationGradient(rows, epsilon: epsilon), [upstream, node.inputs[0], node.inputs[1]])
  }
}

/// The fact about a normalisation of (N, C, ...) with a scale and a shift per channel.
func inferChannelNormalization(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
  let data = try inputs.required(0)
  guard data.dtype.isFloatingPoint else { throw .type(input: 0, data.dtype) }
  guard data.rank >= 2 else { throw .rank(input: 0, expected: "2 or more", actual: data.rank) }
  for index in 1...2 {
    let parameter = try inputs.required(index)
    guard parameter.rank == 1 else {
      throw .rank(input: index, expected: "1", actual: parameter.rank)
    }
    if let size = parameter.dimensions[0].size, let channels = data.dimensions[1].size,
      size != channels
    {
      throw .mismatch("input \(index) has \(size) elements, expected one per \(channels) channels")
    }
  }
  return [Fact(data.type)]
}
