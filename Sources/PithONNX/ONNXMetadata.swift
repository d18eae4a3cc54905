/// Where facts about an ONNX file stand in `Graph.metadata` while it is a graph.
///
/// Keys that begin with `pith.onnx.` are the reader's notes to the writer and never stand in a
/// file; every other key is an entry of the file's `metadata_props`, both ways.
public enum ONNXMetadata {
  /// The version of ONNX's own operators that the graph is in. 21 unless operators that are not
  /// known here keep the version they came in, or the file is newer.
  public static let opset = "pith.onnx.opset"
  /// The version of ONNX's own operators that the file was in.
  public static let sourceOpset = "pith.onnx.source-opset"
  /// The IR version that the file was in.
  public static let irVersion = "pith.onnx.ir"
  /// Versions of other operator sets: `com.microsoft=1 ai.onnx.ml=3`.
  public static let domains = "pith.onnx.domains"
  /// The model's own domain, version and description, and the graph's description.
  public static let modelDomain = "pith.onnx.model-domain"
  public static let modelVersion = "pith.onnx.model-version"
  public static let documentation = "pith.onnx.documentation"
  public static let graphDocumentation = "pith.onnx.graph-documentation"
  /// What a graph has no place for (functions, training information, documentation of nodes,
  /// types that are no tensors): a base64 ModelProto with nothing else in it.
  public static let carried = "pith.onnx.carried"

  /// The program that first wrote the file; written back, since we name ourselves as producer.
  public static let origin = "pith.origin"

  static let privatePrefix = "pith.onnx."
}
