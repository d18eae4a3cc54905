import Foundation
import PithTensors
import SwiftProtobuf

/// A tensor on its way into a file: its message is written in two parts, so that the data are not
/// copied.
struct EncodedTensor {
  let name: String
  let tensor: Tensor
  /// Documentation and the like.
  var extras: OnnxTensorProto?
  /// Where the data are, if they stand in another file.
  var reference: ExternalReference?

  /// Everything but the raw data.
  private var header: [UInt8] {
    var proto = extras ?? OnnxTensorProto()
    proto.name = name
    proto.dims = tensor.shape.dimensions.map(Int64.init)
    proto.dataType = Int32(tensor.dtype.onnx.rawValue)
    if tensor.dtype == .string { proto.stringData = tensor.strings.map { Data($0) } }
    if let reference {
      proto.externalData = reference.entries
      proto.dataLocation = .external
    }
    return serialized(proto)
  }

  /// The header, and the start of the field that the raw data follow.
  private var prefix: [UInt8] {
    guard hasRawData else { return header }
    return header + [0x4a] + varint(tensor.byteCount)
  }

  private var hasRawData: Bool { reference == nil && tensor.dtype != .string }

  var byteCount: Int { prefix.count + (hasRawData ? tensor.byteCount : 0) }

  func write(to sink: inout some ByteSink & ~Copyable) throws(ONNXError) {
    try sink.write(prefix)
    if hasRawData { try writeData(to: &sink) }
  }

  /// The elements alone.
  func writeData(to sink: inout some ByteSink & ~Copyable) throws(ONNXError) {
    var failure: ONNXError?
    tensor.readBytes { bytes in
      do throws(ONNXError) { try sink.write(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }
}

/// A number as protobuf writes lengths.
func varint(_ value: Int) -> [UInt8] {
  var rest = UInt64(value)
  var bytes: [UInt8] = []
  while rest >= 0x80 {
    bytes.append(UInt8(rest & 0x7f) | 0x80)
    rest >>= 7
  }
  return bytes + [UInt8(rest)]
}
