/// A change of a graph that keeps what it computes: one rule of the tidy and fuse stages.
public protocol Rewrite: Sendable {
  var name: String { get }
  /// The edit that applies at a node, or nil.
  func edit(at node: Node, in graph: Graph, _ connections: Connections) throws(GraphError) -> Edit?
}

/// One step of a rewrite, with the reason it was taken.
public struct Edit {
  public let reason: String
  public let apply: (inout Graph) throws(GraphError) -> Void

  public init(_ reason: String, _ apply: @escaping (inout Graph) throws(GraphError) -> Void) {
    self.reason = reason
    self.apply = apply
  }
}

extension Graph {
  /// Applies rules until none applies, and drops what is no longer used. Gives the reasons.
  ///
  /// - Parameter keepsUnused: whether nothing is dropped, in a graph that is still to be completed.
  @discardableResult
  public mutating func rewrite(with rules: [any Rewrite], keepsUnused: Bool = false)
    throws(GraphError) -> [String]
  {
    var reasons: [String] = []
    var changed = true
    while changed {
      changed = false
      var connections = self.connections
      for id in nodes.map(\.id) {
        for rule in rules {
          guard let position = nodes.firstIndex(where: { $0.id == id }) else { break }
          guard let edit = try rule.edit(at: nodes[position], in: self, connections) else {
            continue
          }
          try edit.apply(&self)
          reasons.append("\(rule.name): \(edit.reason)")
          connections = self.connections
          changed = true
        }
      }
    }
    if !keepsUnused { removeUnused() }
    return reasons
  }
}
