/// One tensor of an archive: what it is, and what it takes.
public struct ArchiveEntry: Sendable, Hashable, Codable {
  /// `TensorProto.name`; empty for tensors in attributes that have none.
  public internal(set) var name = ""
  /// The element type in ONNX's words, such as "float32".
  public let type: String
  public let shape: [Int]
  /// Bytes in the model.
  public let rawBytes: Int
  /// Bytes in the archive; tensors share a stream, so each figure may be a few bytes off.
  public let codedBytes: Int
  /// The coding's name, such as "palette".
  public let coding: String

  init(_ type: TensorType, _ rawBytes: Int, _ codedBytes: Int, _ coding: TensorCoding) {
    self.type = onnxTypeName(type.onnxType)
    shape = type.shape
    self.rawBytes = rawBytes
    self.codedBytes = codedBytes
    self.coding = coding.name
  }
}

/// What the parts of an archive take, in bytes; they add up to the file.
public struct ArchiveReport: Sendable, Hashable, Codable {
  public let entries: [ArchiveEntry]
  /// The model's text: everything but the payloads of tensors.
  public let textBytes: Int
  /// The text as coded.
  public let codedTextBytes: Int
  /// Files beside the model, as coded.
  public let memberBytes: Int
  /// The model's bytes.
  public let rawBytes: Int
  /// The archive's bytes.
  public let archiveBytes: Int
}
