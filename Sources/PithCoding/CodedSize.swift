public import PithTensors

extension Tensor {
  /// Bytes that the tensor's elements take in an archive when it stands alone, coded in the best of
  /// all ways; for methods that trade accuracy against size.
  public func codedByteCount(coder: EntropyCoder = .arithmetic) throws(CodingError) -> Int {
    guard byteCount > 0 else { return 0 }
    let type = TensorType(onnxType: dtype.onnxType, shape: shape.dimensions)
    let payload = readBytes { Array($0) }
    switch coder {
    case .arithmetic:
      var writer = try TensorStreamWriter()
      try writer.append(payload[...], type)
      return try writer.finish().count
    case .huffman:
      var writer = HuffmanStreamWriter()
      return try writer.append(payload[...], type).codedBytes
    }
  }
}

extension DType {
  /// `TensorProto.DataType`.
  fileprivate var onnxType: Int {
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
}
