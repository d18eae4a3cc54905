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

  /// What an element type that there is no `DType` for is called.
  static func name(ofUnknown code: Int) -> String {
    let names = [
      14: "complex64", 15: "complex128", 17: "float8e4m3fn", 18: "float8e4m3fnuz",
      19: "float8e5m2", 20: "float8e5m2fnuz", 23: "float4e2m1", 24: "float8e8m0", 25: "uint2",
      26: "int2",
    ]
    return "elements of type \(names[code] ?? "number \(code)")"
  }
}
