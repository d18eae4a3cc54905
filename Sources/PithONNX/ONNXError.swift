/// Why an ONNX file cannot be read or written. Says where, what, and what to do.
public enum ONNXError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file is not there.
  case missingFile(path: String)
  /// The file is there and the system refuses to hand it over, or it is no ordinary file.
  case unreadable(path: String, reason: String)
  /// The result cannot be put where it was asked for; what lay there before is untouched.
  case unwritable(path: String, reason: String)
  /// The bytes are not those of an ONNX model (or tensor).
  case malformed(String)
  /// Legal perhaps, but beyond what is accepted: nesting, counts, sizes.
  case excessive(String)
  /// An operator set or a file version that is not read.
  case version(String)
  /// A fault of the graph as a whole: names, cycles, missing parts.
  case graph(String)
  case node(name: String, operator: String, problem: String)
  case tensor(name: String, problem: String)
  /// A tensor's reference to another file is refused.
  case externalData(tensor: String, problem: String)
  /// A graph that has no ONNX form.
  case notExpressible(String)

  public var description: String {
    switch self {
    case .missingFile(let path): "\(path): no such file"
    case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
    case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
    case .malformed(let what): "not a valid ONNX file: \(what)"
    case .excessive(let what): "refused: \(what)"
    case .version(let what): what
    case .graph(let what): what
    case .node(let name, let kind, let problem): "node '\(name)' (\(kind)): \(problem)"
    case .tensor(let name, let problem): "tensor '\(name)': \(problem)"
    case .externalData(let tensor, let problem): "external data of tensor '\(tensor)': \(problem)"
    case .notExpressible(let what): "cannot be written as ONNX: \(what)"
    }
  }
}
