public import PithGraph
import PithOperators
import PithTensors

extension Graph {
  /// Puts their parts in the place of operators that are made of others, so that those are planned,
  /// laid out and fused like all nodes. Where that needs extents that are open, or numbers are of
  /// another precision, a node stays, and its own kernel runs the parts.
  public mutating func expandComposites() throws(GraphError) {
    var expanded: Set<Node.ID> = []
    for node in nodes {
      guard let composite = node.operator as? any CompositeOperator else { continue }
      let facts = inputFacts(of: node)
      guard !facts.contains(where: { $0?.dtype == .float16 || $0?.dtype == .bfloat16 }) else {
        continue
      }
      var graph = self
      guard let parts = try? composite.expand(node.inputs, in: &graph) else { continue }
      for (output, part) in zip(node.outputs, parts) {
        guard let output else { continue }
        // A part may be an input, or leave the graph under several names.
        let leaves = outputs.contains(output)
        graph.replaceUses(of: output, with: leaves ? try graph.add(Identity(), part) : part)
      }
      self = graph
      expanded.insert(node.id)
    }
    guard !expanded.isEmpty else { return }
    removeNodes(expanded)
    removeUnused()
    try sortTopologically()
  }
}
