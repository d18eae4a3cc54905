public import Foundation
public import PithTensors

/// One tensor in a file, as ONNX's own tests have them: `input_0.pb`, `output_0.pb`.
public enum TensorFile {
  /// The tensor in a file, and its name, which may be empty.
  public static func read(_ url: URL) throws(ONNXError) -> (name: String, tensor: Tensor) {
    let folder = ModelFolder(path: url.deletingLastPathComponent().path)
    return try read(FileBytes(path: url.path), folder)
  }

  /// The tensor in memory, and its name. External data are refused.
  public static func read(_ bytes: some ContiguousBytes) throws(ONNXError) -> (
    name: String, tensor: Tensor
  ) {
    let file = bytes.withUnsafeBytes { FileBytes(copying: $0) }
    return try read(file, nil)
  }

  private static func read(_ file: FileBytes, _ folder: ModelFolder?) throws(ONNXError) -> (
    name: String, tensor: Tensor
  ) {
    let scan = try WireScan(file.bytes, root: .tensor)
    let proto = try parse(OnnxTensorProto.self, scan.skeleton)
    let decoder = TensorDecoder(file: file, blobs: scan.blobs, folder: folder)
    return (proto.name, try decoder.tensor(proto, name: proto.name, raw: .lifted))
  }

  /// Writes a tensor. The file appears whole or not at all.
  public static func write(_ tensor: Tensor, name: String, to url: URL) throws(ONNXError) {
    var file = try AtomicFile(path: url.path)
    try EncodedTensor(name: name, tensor: tensor).write(to: &file)
    try file.finish()
    try file.commit()
  }
}
