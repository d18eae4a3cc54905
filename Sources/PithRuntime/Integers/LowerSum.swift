import PithGraph
import PithOperators

/// Add of two dequantized values of one shape - (bounds) - Quantize becomes a sum of bytes.
struct LowerSum: Rewrite {
  let name = "sum of bytes"

  func edit(at node: Node, in graph: Graph, _ connections: Connections) throws(GraphError) -> Edit?
  {
    guard node.operator is Add, let output = node.output,
      let left = graph.bytes(behind: node.inputs[0], connections),
      let right = graph.bytes(behind: node.inputs[1], connections),
      let shape = graph.type(of: left.value)?.shape, graph.type(of: right.value)?.shape == shape
    else { return nil }
    let tail = Tail(of: output, in: graph, connections, adds: false)
    guard let grid = tail.grid, let bounds = tail.bounds, let last = tail.last else { return nil }
    let sum = IntegerSum(left.grid, right.grid, to: grid, bounds: bounds)
    return Edit(node.name) { (graph) throws(GraphError) in
      let result = try graph.insert(
        sum, [left.value, right.value], before: last, name: node.name)[0]
      graph.replaceUses(of: tail.output, with: result)
      graph.removeNodes(tail.nodes.union([node.id]))
    }
  }
}
