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
