import PithGraph
import PithOperators

/// QuantizeLinear of a value that has been quantized on the same grid before uses the bytes that
/// are there.
struct MergeQuantization: Rewrite {
  let name = "merge quantization"

  func edit(at node: Node, in graph: Graph, _ connections: Connections) throws(GraphError) -> Edit?
  {
    guard node.operator is QuantizeLinear, let grid = graph.grid(of: node),
      let input = node.inputs[0], let output = node.output
    else { return nil }
    for position in connections.consumers[input] ?? [] {
      let other = graph.nodes[position]
      if other.id == node.id { break }
      guard other.operator is QuantizeLinear, other.inputs[0] == input,
        graph.grid(of: other) == grid, let made = other.output
      else { continue }
      return Edit("\(node.name) into \(other.name)") { (graph) in
        graph.replaceUses(of: output, with: made)
        graph.removeNodes([node.id])
      }
    }
    return nil
  }
}
