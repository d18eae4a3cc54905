public import Foundation
public import PithGraph
import PithTensors

/// Writes graphs as ONNX models: IR version 10, operator set 21 or the one that the graph keeps
/// (`ONNXMetadata.opset`), weights as little-endian raw data. Equal graphs give equal bytes.
public enum ONNXWriter {
  public struct Options: Sendable {
    public enum ExternalData: Sendable {
      /// Only where the model would be beyond the 2 GB that protobuf can hold.
      case automatic
      /// All weights of a kilobyte or more.
      case always
    }

    /// When weights are put into a second file, `NAME.data`, next to the model.
    public var externalData: ExternalData

    public init(externalData: ExternalData = .automatic) { self.externalData = externalData }
  }

  /// Writes a model. The file appears whole or not at all; on an error what lay there is untouched.
  public static func write(_ graph: Graph, to url: URL, _ options: Options = Options())
    throws(ONNXError)
  {
    let model = try ModelEncoder(graph).encode()
    let threshold = options.externalData == .always || model.byteCount >= 1 << 31 ? 1024 : Int.max
    if model.tensors.contains(where: { $0.tensor.byteCount >= threshold }) {
      try writeInTwo(model, to: url, threshold)
    } else {
      var file = try AtomicFile(path: url.path)
      try model.write(to: &file)
      try file.finish()
      try file.commit()
    }
  }

  /// The bytes of the model's file.
  public static func bytes(of graph: Graph) throws(ONNXError) -> [UInt8] {
    let model = try ModelEncoder(graph).encode()
    var bytes = ByteArray()
    bytes.bytes.reserveCapacity(model.byteCount)
    try model.write(to: &bytes)
    return bytes.bytes
  }

  /// The weights of at least `threshold` bytes go into a second file. Both are complete on the disk
  /// before either gets its name.
  private static func writeInTwo(_ model: EncodedModel, to url: URL, _ threshold: Int)
    throws(ONNXError)
  {
    let location = url.lastPathComponent + ".data"
    var model = model
    var data = try AtomicFile(path: url.path + ".data")
    var offset = 0
    for index in model.tensors.indices where model.tensors[index].tensor.byteCount >= threshold {
      let padding = -offset & 63
      try data.write([UInt8](repeating: 0, count: padding))
      offset += padding
      model.tensors[index].reference = ExternalReference(
        location: location, offset: offset, length: model.tensors[index].tensor.byteCount)
      try model.tensors[index].writeData(to: &data)
      offset += model.tensors[index].tensor.byteCount
    }
    try data.finish()
    var file = try AtomicFile(path: url.path)
    try model.write(to: &file)
    try file.finish()
    try data.commit()
    try file.commit()
  }
}
