import PithTensors

extension DType {
  /// The type with a number of TensorProto.DataType; nil for those Pith has no tensors of.
  init?(onnx number: Int32) {
    guard let type = OnnxTensorProto.DataType(rawValue: Int(number)),
      let match = Self.allCases.first(where: { $0.onnx == type })
    else { return nil }
    self = match
  }

  var onnx: OnnxTensorProto.DataType {
    switch self {
    case .float32: .float
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .float64: .double
    case .int8: .int8
    case .uint8: .uint8
    case .int16: .int16
    case .uint16: .uint16
    case .int32: .int32
    case .uint32: .uint32
    case .int64: .int64
    case .uint64: .uint64
    case .int4: .int4
    case .uint4: .uint4
    case .bool: .bool
    case .string: .string
    }
  }

  /// The name of any of ONNX's element types, for messages.
  static func onnxName(_ number: Int32) -> String {
    OnnxTensorProto.DataType(rawValue: Int(number)).map { "\($0)".uppercased() }
      ?? "number \(number)"
  }
}
