public import PithTensors

/// Element type and shape of a value, with extents that may still be named.
public struct TensorType: Sendable, Hashable {
  public var dtype: DType
  public var dimensions: [Dimension]

  public init(_ dtype: DType, _ dimensions: [Dimension]) {
    self.dtype = dtype
    self.dimensions = dimensions
  }

  public init(_ dtype: DType, _ shape: Shape) {
    self.init(dtype, shape.dimensions.map(Dimension.fixed))
  }

  public var rank: Int { dimensions.count }

  /// The most elements a value may have: a trillion.
  static let largestCount = 1 << 40

  /// Whether the fixed extents are those of a value that could exist. Files can claim anything;
  /// what passes here can be multiplied without care.
  public var isPlausible: Bool {
    var count = 1
    for case .fixed(let size) in dimensions {
      guard size >= 0, size <= Self.largestCount else { return false }
      let (product, overflow) = count.multipliedReportingOverflow(by: max(size, 1))
      guard !overflow, product <= Self.largestCount else { return false }
      count = product
    }
    return true
  }

  func requirePlausible() throws(ShapeError) {
    guard isPlausible else { throw .invalid("a value of type \(self) is too large") }
  }

  /// The shape, once every extent is fixed.
  public var shape: Shape? {
    var sizes: [Int] = []
    for dimension in dimensions {
      guard let size = dimension.size else { return nil }
      sizes.append(size)
    }
    return Shape(sizes)
  }
}

extension TensorType: CustomStringConvertible {
  public var description: String {
    "\(dtype.rawValue)[\(dimensions.map(\.description).joined(separator: ", "))]"
  }
}
