public import Foundation

/// The files that make up a model: the ONNX file, and those beside it that hold data of its weights.
public struct ModelFiles: Sendable {
  /// A file beside the model.
  public struct Companion: Sendable {
    /// Its path relative to the model's folder, as the model has it.
    public let location: String
    public let bytes: [UInt8]
  }

  /// The bytes of the ONNX file.
  public let onnx: [UInt8]
  /// In the order in which the model first refers to them.
  public let companions: [Companion]

  /// Reads a model's files. Companions may lie only in the model's folder and below.
  public init(reading url: URL) throws(ONNXError) {
    let (model, companions) = try Self.files(of: url)
    onnx = Array(model.bytes)
    self.companions = companions.map { Companion(location: $0, bytes: Array($1.bytes)) }
  }

  /// Bytes of all files.
  public var byteCount: Int { companions.reduce(onnx.count) { $0 + $1.bytes.count } }

  /// Bytes of a model's files, which are not read for it.
  public static func byteCount(of url: URL) throws(ONNXError) -> Int {
    let (model, companions) = try files(of: url)
    return companions.reduce(model.bytes.count) { $0 + $1.file.bytes.count }
  }

  private static func files(of url: URL) throws(ONNXError) -> (
    model: FileBytes, companions: [(location: String, file: FileBytes)]
  ) {
    let file = try FileBytes(path: url.path)
    let folder = ModelFolder(path: url.deletingLastPathComponent().path)
    let document = try ModelDocument(file, folder: folder)
    var companions: [(location: String, file: FileBytes)] = []
    for tensor in document.proto.graph.tensors where tensor.dataLocation == .external {
      do throws(SystemError) {
        let location = try ExternalReference(tensor.externalData).location
        if companions.contains(where: { $0.location == location }) { continue }
        companions.append((location, try folder.file(at: location)))
      } catch {
        throw .externalData(tensor: tensor.name, problem: error.description)
      }
    }
    return (file, companions)
  }
}

extension OnnxGraphProto {
  /// The tensors of the graph and of the graphs inside its nodes.
  fileprivate var tensors: [OnnxTensorProto] {
    var result = initializer
    for attribute in node.lazy.flatMap(\.attribute) {
      if attribute.hasT { result.append(attribute.t) }
      result += attribute.tensors
      if attribute.hasG { result += attribute.g.tensors }
      for graph in attribute.graphs { result += graph.tensors }
    }
    return result
  }
}
