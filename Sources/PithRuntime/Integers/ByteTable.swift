import PithGraph
import PithKernels
import PithTensors

/// A function of each byte, tabulated: any chain of elementwise functions between two grids.
struct ByteTable: Operator {
  static let name = "ByteTable"
  static let domain = "pith"

  let dtype: DType
  let table: [UInt8]
  /// The function as factor q + shift held to bounds, where it is no more than that.
  let rescaling: Rescaling?

  struct Rescaling: Hashable {
    var factor: Float
    var shift: Float
    var low: Int
    var high: Int
  }

  init(dtype: DType, table: [UInt8], rescaling: Rescaling? = nil) {
    self.dtype = dtype
    self.table = table
    self.rescaling = rescaling
  }

  init(_ attributes: Attributes) throws(AttributeError) {
    self.init(dtype: .uint8, table: (0..<256).map(UInt8.init))
  }

  func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(dtype, try inputs.required(0).dimensions)]
  }

  func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try byteTableKernel(table, request)
  }
}
