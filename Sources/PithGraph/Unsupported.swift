/// A node that is carried along without being understood.
public struct Unsupported: Sendable, Hashable {
  public let node: String
  /// The operator's name, with its domain where that is not ONNX's own.
  public let `operator`: String
  public let reason: String
}

extension Graph {
  /// The nodes that cannot be run or trained, in order.
  public var unsupported: [Unsupported] {
    nodes.compactMap { node in
      guard let opaque = node.as(OpaqueOperator.self) else { return nil }
      let name = (opaque.kindDomain.isEmpty ? "" : opaque.kindDomain + ".") + opaque.kind
      return Unsupported(
        node: node.name, operator: name, reason: opaque.reason ?? "the operator is not known")
    }
  }
}
