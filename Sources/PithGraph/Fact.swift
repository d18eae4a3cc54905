public import PithTensors

/// Everything known about a value before the graph runs.
public struct Fact: Sendable {
  public var type: TensorType
  /// The value itself, where it does not depend on the graph's inputs.
  public var constant: Tensor?
  /// The elements of a small integer value where they are known, some perhaps only by name: what
  /// shape arithmetic (Shape, Gather, Concat, ...) computes. Nil when nothing is known.
  public var elements: [Dimension]?

  public init(_ type: TensorType, constant: Tensor? = nil, elements: [Dimension]? = nil) {
    self.type = type
    self.constant = constant
    self.elements = elements
  }

  public init(_ dtype: DType, _ dimensions: [Dimension], elements: [Dimension]? = nil) {
    self.init(TensorType(dtype, dimensions), elements: elements)
  }

  /// The fact about a constant.
  public init(constant tensor: Tensor) {
    self.init(TensorType(tensor.dtype, tensor.shape), constant: tensor)
    if tensor.dtype.isInteger, tensor.shape.rank <= 1, tensor.count <= 64 {
      elements = tensor.integers.map(Dimension.fixed)
    }
  }

  public var dtype: DType { type.dtype }
  public var dimensions: [Dimension] { type.dimensions }
  public var rank: Int { type.rank }

  /// The elements as whole numbers, where all of them are known.
  public var integers: [Int]? {
    if let constant, constant.dtype.isInteger || constant.dtype == .bool {
      return constant.integers
    }
    guard let elements else { return nil }
    var result: [Int] = []
    for element in elements {
      guard let size = element.size else { return nil }
      result.append(size)
    }
    return result
  }

  /// The value as a tensor, where all of it is known.
  public var knownTensor: Tensor? {
    if let constant { return constant }
    guard let integers, let shape = type.shape, shape.count == integers.count else { return nil }
    return Tensor(integers.map(Int64.init), shape).converted(to: dtype)
  }
}

extension [Fact?] {
  /// The fact about a required input.
  public func required(_ index: Int) throws(ShapeError) -> Fact {
    guard index < count, let fact = self[index] else { throw .missingInput(index) }
    return fact
  }

  /// The fact about an optional input.
  public func optional(_ index: Int) -> Fact? { index < count ? self[index] : nil }
}
