public import Foundation
public import PithGraph

/// Reads ONNX models.
///
/// A model of operator sets 7 to 26 comes out in the form of operator set 21, or of its own where that
/// is newer: attributes that became inputs are inputs, Constant nodes are weights, weights listed as
/// inputs are weights only. Nodes that are not understood come out as opaque ones
/// (`Graph.unsupported` lists them). If one of those would change its meaning under operator set 21,
/// the whole graph keeps the file's version and the nodes with an older form are opaque too; see
/// `ONNXMetadata.opset`.
public enum ONNXReader {
  public struct Options: Sendable {
    /// Called with each peculiarity of the file that is not an error.
    public var warn: @Sendable (String) -> Void

    public init(warn: @escaping @Sendable (String) -> Void = { _ in }) { self.warn = warn }
  }

  /// The model in a file. Its external data may lie in the file's folder and below.
  public static func read(_ url: URL, _ options: Options = Options()) throws(ONNXError) -> Graph {
    let folder = ModelFolder(path: url.deletingLastPathComponent().path)
    return try read(FileBytes(path: url.path), folder, options)
  }

  /// The model in memory.
  ///
  /// - Parameter baseURL: the folder that external data may lie in; nil to refuse them.
  public static func read(
    _ bytes: some ContiguousBytes, baseURL: URL? = nil, _ options: Options = Options()
  ) throws(ONNXError) -> Graph {
    let file = bytes.withUnsafeBytes { FileBytes(copying: $0) }
    return try read(file, baseURL.map { ModelFolder(path: $0.path) }, options)
  }

  private static func read(_ file: FileBytes, _ folder: ModelFolder?, _ options: Options)
    throws(ONNXError) -> Graph
  {
    let document = try ModelDocument(file, folder: folder)
    let opset = try checkVersions(document, options)
    if let reason = reasonToKeepForm(document, opset) {
      return try build(document, opset, .asInFile(reason: reason), options)
    }
    var builder = try GraphBuilder(document, opset: opset, form: .current)
    if let graph = try builder.build() {
      builder.warnings.forEach(options.warn)
      return graph
    }
    let reason = builder.unchangeable ?? ""
    options.warn("operator set \(opset) is kept, because \(reason)")
    return try build(document, opset, .asInFile(reason: reason), options)
  }

  private static func build(
    _ document: ModelDocument, _ opset: Int, _ form: GraphBuilder.Form, _ options: Options
  ) throws(ONNXError) -> Graph {
    var builder = try GraphBuilder(document, opset: opset, form: form)
    guard let graph = try builder.build() else {
      throw .graph(builder.unchangeable ?? "it cannot be read")
    }
    builder.warnings.forEach(options.warn)
    return graph
  }

  /// The version of ONNX's own operators, once that and the file's version are acceptable.
  private static func checkVersions(_ document: ModelDocument, _ options: Options)
    throws(ONNXError) -> Int
  {
    let model = document.proto
    guard model.irVersion >= 3 else {
      throw .version(
        "IR version \(model.irVersion) is older than 3, the oldest that is read; convert the model "
          + "with the version converter of the onnx package")
    }
    if model.irVersion > 13 {
      options.warn("IR version \(model.irVersion) is newer than 13, the newest that is known")
    }
    guard let opset = try document.opset else {
      if let node = model.graph.node.first(where: { standardDomains.contains($0.domain) }) {
        throw .version(
          "no operator set is imported, but node '\(node.name)' (\(node.opType)) needs it")
      }
      return Attributes.currentOpset
    }
    guard (UpgradeTable.oldest...1000).contains(opset) else {
      throw .version(
        "operator set \(opset) is not read (\(UpgradeTable.oldest) to \(UpgradeTable.newest) are); convert the model with the version "
          + "converter of the onnx package")
    }
    if opset > UpgradeTable.newest {
      options.warn(
        "operator set \(opset) is newer than \(UpgradeTable.newest), the newest that is known; its "
          + "operators are taken to mean what they meant there")
    }
    return opset
  }

  /// Functions of the file must agree with its operator set, so that stays when there are any.
  private static func reasonToKeepForm(_ document: ModelDocument, _ opset: Int) -> String? {
    opset < Attributes.currentOpset && !document.proto.functions.isEmpty
      ? "the file defines functions" : nil
  }
}
