/// What the model's text says about the payload of a tensor before it comes.
struct TensorType: Hashable {
  /// `TensorProto.DataType`; 0 when it has not been seen.
  var onnxType = 0
  var shape: [Int] = []
  /// Whether the payload is a run of protobuf varints (`int32_data`, `int64_data`, `uint64_data`).
  var isVarints = false

  /// How a payload of bytes divides into elements.
  func format(byteCount: Int) -> ElementFormat {
    if isVarints { return .int64 }
    let format = ElementFormat(onnxType: onnxType)
    return ElementBytes.count(ofPayload: byteCount, format: format) == nil ? .byte : format
  }
}
