import PithGraph
import PithOperators

/// DequantizeLinear of bytes whose channels lie innermost leaves them there.
struct DecodeAsItLies: Rewrite {
  let name = "decode"

  func edit(at node: Node, in graph: Graph, _ connections: Connections) throws(GraphError) -> Edit?
  {
    guard node.operator is DequantizeLinear, let grid = graph.grid(of: node),
      let bytes = node.inputs[0], graph.constant(bytes) == nil, let output = node.output,
      let rank = graph.type(of: bytes)?.rank, rank > 2
    else { return nil }
    return Edit(node.name) { (graph) throws(GraphError) in
      let result = try graph.insert(Decode(grid), [bytes], before: node.id, name: node.name)[0]
      graph.replaceUses(of: output, with: result)
      graph.removeNodes([node.id])
    }
  }
}
