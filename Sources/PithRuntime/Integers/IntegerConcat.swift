import PithGraph
import PithKernels
import PithTensors

/// Values of bytes one behind the other along the channels, brought to one grid by tables.
struct IntegerConcat: Operator {
  static let name = "IntegerConcat"
  static let domain = "pith"

  let dtype: DType
  /// One per input; nil where its bytes are kept.
  let tables: [[UInt8]?]

  init(dtype: DType, tables: [[UInt8]?]) {
    self.dtype = dtype
    self.tables = tables
  }

  init(_ attributes: Attributes) throws(AttributeError) { self.init(dtype: .uint8, tables: [nil]) }

  func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    var dimensions = try inputs.required(0).dimensions
    var channels = 0
    for index in inputs.indices { channels += try inputs.required(index).dimensions[1].size ?? 0 }
    dimensions[1] = .fixed(channels)
    return [Fact(dtype, dimensions)]
  }

  func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try byteConcatenationKernel(tables, request)
  }
}
