import PithGraph
import PithOperators
import PithTensors

/// Where the weight of one filter, input channel and place of the kernel lies in a layer's tensor.
///
/// Every layer is looked at as filters (outputs) by input channels by places of the kernel,
/// whichever way its operator stores them. A filter's weights in the order (input, place) are what
/// it multiplies with one patch of its input: the axis along which products are summed.
public struct FilterLayout: Sendable, Hashable {
  /// Filters of all groups.
  public let filters: Int
  /// Input channels that one filter sees.
  public let inputs: Int
  /// Extents of the kernel; empty for a matrix product.
  public let kernel: [Int]
  /// Groups of filters that each see input channels of their own.
  public let groups: Int
  private let inputStride: Int
  private let filterStride: Int
  /// Filters that lie `filterStride` apart; behind so many the next begin `blockStride` further on.
  private let block: Int
  private let blockStride: Int

  /// Places of the kernel; 1 for a matrix product.
  public var places: Int { kernel.reduce(1, *) }
  /// Weights of one filter.
  public var length: Int { inputs * places }
  public var count: Int { filters * length }

  public func offset(filter: Int) -> Int {
    filter / block * blockStride + filter % block * filterStride
  }

  public func index(filter: Int, input: Int, place: Int) -> Int {
    offset(filter: filter) + input * inputStride + place
  }

  /// The index of each of a filter's weights, in the order (input, place).
  public func indices(filter: Int) -> [Int] {
    let offset = offset(filter: filter)
    return (0..<inputs).flatMap { input in
      (0..<places).map { offset + input * inputStride + $0 }
    }
  }

  /// The channel of the layer's input that a filter's input channel is.
  public func channel(filter: Int, input: Int) -> Int {
    filter / max(filters / groups, 1) * inputs + input
  }

  /// Filters along the first axis, input channels along the second, as a convolution has them.
  private init(rows shape: Shape, groups: Int = 1) {
    filters = shape.rank > 1 ? shape[0] : 1
    inputs = shape.rank > 1 ? shape[1] : shape.count
    kernel = Array(shape.dimensions.dropFirst(2))
    self.groups = groups
    inputStride = kernel.reduce(1, *)
    filterStride = inputs * inputStride
    block = max(filters, 1)
    blockStride = 0
  }

  /// (..., input, filter), as matrix products have them.
  private init(columns shape: Shape) {
    let (rows, columns) = (shape[shape.rank - 2], shape[shape.rank - 1])
    inputs = rows
    filters = rows == 0 ? 0 : shape.count / rows
    kernel = []
    groups = 1
    inputStride = columns
    filterStride = 1
    block = max(columns, 1)
    blockStride = rows * columns
  }

  /// (input, filter of a group, kernel...).
  private init(transposed shape: Shape, groups: Int) {
    inputs = shape[0] / groups
    filters = shape[1] * groups
    kernel = Array(shape.dimensions.dropFirst(2))
    self.groups = groups
    filterStride = kernel.reduce(1, *)
    inputStride = shape[1] * filterStride
    block = max(shape[1], 1)
    blockStride = inputs * inputStride
  }

  /// (direction, gate and unit, input) of a recurrent layer.
  private init(gates shape: Shape) {
    filters = shape[0] * shape[1]
    inputs = shape[2]
    kernel = []
    groups = 1
    inputStride = 1
    filterStride = inputs
    block = max(filters, 1)
    blockStride = 0
  }

  /// The layout of a weight as a node uses it.
  ///
  /// - Parameters:
  ///   - slot: of the weight among the node's inputs.
  ///   - isTurned: whether the node is given the transpose of the stored matrix.
  init(of shape: Shape, in node: Node, slot: Int, isTurned: Bool = false) {
    switch node.operator {
    case let convolution as Conv where shape.rank > 2:
      self.init(rows: shape, groups: convolution.group)
    case let convolution as ConvTranspose
    where shape.rank > 2 && shape[0].isMultiple(of: convolution.group):
      self.init(transposed: shape, groups: convolution.group)
    case let gemm as Gemm where shape.rank == 2:
      if gemm.transB != isTurned { self.init(rows: shape) } else { self.init(columns: shape) }
    case is MatMul where shape.rank > 1 && shape.count > 0:
      // On the left of a product filters are rows, whatever stands before the last two axes.
      let rows = Shape([shape.count / shape[shape.rank - 1], shape[shape.rank - 1]])
      if (slot == 0) != isTurned { self.init(rows: rows) } else { self.init(columns: shape) }
    case is any RecurrentOperator where shape.rank == 3:
      self.init(gates: shape)
    default: self.init(rows: shape)
    }
  }
}
