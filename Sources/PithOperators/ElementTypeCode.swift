public import PithTensors

extension DType {
  /// The number that stands for the type in ONNX files (TensorProto.DataType).
  public var onnxCode: Int {
    switch self {
    case .float32: 1
    case .uint8: 2
    case .int8: 3
    case .uint16: 4
    case .int16: 5
    case .int32: 6
    case .int64: 7
    case .string: 8
    case .bool: 9
    case .float16: 10
    case .float64: 11
    case .uint32: 12
    case .uint64: 13
    case .bfloat16: 16
    case .uint4: 21
    case .int4: 22
    }
  }

  /// The type a number in an ONNX file stands for, nil where there is none here.
  public init?(onnxCode: Int) {
    guard let found = DType.allCases.first(where: { $0.onnxCode == onnxCode }) else { return nil }
    self = found
  }
}
