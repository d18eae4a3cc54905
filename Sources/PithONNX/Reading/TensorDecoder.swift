import Foundation
import PithTensors

/// Makes tensors of their protobuf form.
struct TensorDecoder {
  let file: FileBytes
  /// The raw data that `WireScan` left in the file.
  let blobs: [Range<Int>]
  /// Where external data may lie; nil when the model came without a folder.
  let folder: ModelFolder?

  /// Where a tensor's `raw_data` is.
  enum RawData {
    /// In the message itself.
    case inline
    /// In the file: the message holds an index into `blobs`.
    case lifted
  }

  func tensor(_ proto: OnnxTensorProto, name: String, raw: RawData) throws(ONNXError) -> Tensor {
    let problem = { (what: String) in ONNXError.tensor(name: name, problem: what) }
    guard let dtype = DType(onnx: proto.dataType) else {
      throw problem("elements of type \(DType.onnxName(proto.dataType)) are not supported")
    }
    let shape = Shape(proto.dims.map(Int.init))
    if let fault = SizeLimits.fault(in: shape.dimensions) { throw problem(fault) }
    guard !proto.hasSegment else { throw problem("it is split into segments, which is not read") }
    let sources = [
      proto.hasRawData, proto.dataLocation == .external, proto.hasTypedData,
    ].count { $0 }
    guard sources <= 1 else { throw problem("its data stand in more than one place") }

    if proto.dataLocation == .external {
      return try externalTensor(proto, dtype, shape, name: name)
    }
    if proto.hasRawData {
      return try rawTensor(proto, dtype, shape, name: name, raw)
    }
    guard let tensor = TypedData(proto).tensor(dtype, shape) else {
      throw problem(
        "its shape \(shape) needs \(shape.count) elements of type \(dtype.rawValue), but its "
          + "data are of another number or type")
    }
    return tensor
  }

  /// The bytes of `raw_data`.
  func rawBytes(_ proto: OnnxTensorProto, _ raw: RawData) -> Data {
    guard raw == .lifted, let range = lifted(proto) else { return proto.rawData }
    return Data(file.bytes[range])
  }

  private func lifted(_ proto: OnnxTensorProto) -> Range<Int>? {
    var index: UInt64 = 0
    for (place, byte) in proto.rawData.prefix(8).enumerated() {
      index |= UInt64(byte) << UInt64(8 * place)
    }
    return Int(exactly: index).flatMap { blobs.indices.contains($0) ? blobs[$0] : nil }
  }

  private func rawTensor(
    _ proto: OnnxTensorProto, _ dtype: DType, _ shape: Shape, name: String, _ raw: RawData
  ) throws(ONNXError) -> Tensor {
    guard dtype != .string else {
      throw .tensor(name: name, problem: "strings cannot stand in raw_data")
    }
    let expected = dtype.bytes(for: shape.count)
    let actual: Int
    let tensor: Tensor?
    if raw == .lifted, let range = lifted(proto) {
      actual = range.count
      tensor = view(dtype, shape, UnsafeRawBufferPointer(rebasing: file.bytes[range]), in: file)
    } else {
      actual = proto.rawData.count
      tensor = proto.rawData.withUnsafeBytes { Tensor(checked: dtype, shape, bytes: $0) }
    }
    guard let tensor else {
      throw .tensor(
        name: name,
        problem: "its shape \(shape) of \(dtype.rawValue) takes \(expected) bytes, but \(actual) "
          + "are there")
    }
    return tensor
  }

  private func externalTensor(
    _ proto: OnnxTensorProto, _ dtype: DType, _ shape: Shape, name: String
  ) throws(ONNXError) -> Tensor {
    let problem = { (what: String) in ONNXError.externalData(tensor: name, problem: what) }
    guard dtype != .string else { throw problem("strings cannot stand in another file") }
    guard let folder else { throw problem("a model read from memory has no folder to look in") }
    let expected = dtype.bytes(for: shape.count)
    do throws(SystemError) {
      let reference = try ExternalReference(proto.externalData)
      if let length = reference.length, length != expected {
        throw SystemError(
          "its length is \(length) bytes, but the shape \(shape) of \(dtype.rawValue) takes "
            + "\(expected)")
      }
      let data = try folder.file(at: reference.location)
      let (end, overflow) = reference.offset.addingReportingOverflow(expected)
      guard !overflow, end <= data.bytes.count else {
        throw SystemError(
          "offset \(reference.offset) and \(expected) bytes reach beyond the end of "
            + "'\(reference.location)' (\(data.bytes.count) bytes)")
      }
      let bytes = UnsafeRawBufferPointer(rebasing: data.bytes[reference.offset..<end])
      guard let tensor = view(dtype, shape, bytes, in: data) else {
        throw SystemError("its length does not fit its shape")
      }
      return tensor
    } catch {
      throw problem(error.description)
    }
  }

  /// A tensor over bytes of a file where they are aligned, otherwise over a copy.
  private func view(
    _ dtype: DType, _ shape: Shape, _ bytes: UnsafeRawBufferPointer, in owner: FileBytes
  ) -> Tensor? {
    let alignment = max(1, dtype.bits / 8)
    if let base = bytes.baseAddress, !bytes.isEmpty, dtype != .bool,
      UInt(bitPattern: base) % UInt(alignment) == 0
    {
      return Tensor(dtype, shape, borrowing: bytes) { withExtendedLifetime(owner) {} }
    }
    return Tensor(checked: dtype, shape, bytes: bytes)
  }
}

extension Tensor {
  /// A copy of the bytes with every truth value made 0 or 1; nil when their number is wrong.
  init?(checked dtype: DType, _ shape: Shape, bytes: UnsafeRawBufferPointer) {
    self.init(dtype, shape, bytes: bytes)
    if dtype == .bool {
      updateBytes { for index in $0.indices where $0[index] > 1 { $0[index] = 1 } }
    }
  }
}
