import PithGraph
import PithOperators

/// QuantizeLinear before kernels on bytes lays the channels innermost in passing.
struct EncodeChannelsLast: Rewrite {
  let name = "encode"

  func edit(at node: Node, in graph: Graph, _ connections: Connections) throws(GraphError) -> Edit?
  {
    guard node.operator is QuantizeLinear, let grid = graph.grid(of: node),
      let output = node.output,
      let rank = graph.type(of: output)?.rank, rank > 2,
      let users = connections.consumers[output],
      users.contains(where: {
        let user = graph.nodes[$0].operator
        return user is IntegerConv || user is IntegerSum || user is IntegerConcat
          || user is IntegerAveragePool || user is Decode
      })
    else { return nil }
    let encode = Encode(grid)
    guard graph.canRun(encode, [node.inputs[0]]) else { return nil }
    return Edit(node.name) { (graph) throws(GraphError) in
      let result = try graph.insert(encode, [node.inputs[0]], before: node.id, name: node.name)[0]
      graph.replaceUses(of: output, with: result)
      graph.removeNodes([node.id])
    }
  }
}
