import PithGraph
import PithOperators
import PithTensors

/// What only moves elements, or picks the largest, works on bytes as well: op(Dequantize(q)) becomes
/// Dequantize(op(q)).
struct DelayDequantization: Rewrite {
  let name = "delay dequantization"

  func edit(at node: Node, in graph: Graph, _ connections: Connections) throws(GraphError) -> Edit?
  {
    guard let input = node.inputs.first ?? nil, let output = node.output, node.outputs.count == 1,
      let position = connections.producer[input],
      let decoder = graph.nodes[position].as(DequantizeLinear.self), decoder.blockSize == 0,
      let bytes = graph.nodes[position].inputs[0]
    else { return nil }
    let parameters = Array(graph.nodes[position].inputs.dropFirst())
    var moved = node.operator
    var decoding = decoder
    var inputs = node.inputs
    inputs[0] = bytes
    if let grid = graph.grid(of: graph.nodes[position]) {
      guard let found = movement(node, grid, &inputs, in: graph) else { return nil }
      moved = found
    } else {
      // One scale for each place of an axis: of constants, to bring a matrix into the right order.
      guard graph.constant(bytes) != nil, let transpose = node.as(Transpose.self),
        let rank = graph.type(of: bytes)?.rank
      else { return nil }
      let order = transpose.order(rank: rank)
      let axis = decoder.axis < 0 ? decoder.axis + rank : decoder.axis
      guard let place = order.firstIndex(of: axis) else { return nil }
      decoding = DequantizeLinear(axis: place)
    }
    guard graph.canRun(moved, inputs.map { $0 }) else { return nil }
    return Edit(node.name) { [moved, decoding, inputs] (graph) throws(GraphError) in
      let result = try graph.insert(moved, inputs, before: node.id, name: node.name)[0]
      let decoded = try graph.insert(
        decoding, [result] + parameters, before: node.id, name: node.name + ".dequantize")[0]
      graph.replaceUses(of: output, with: decoded)
      graph.removeNodes([node.id])
    }
  }

  /// The operator to use on bytes; nil where values are computed with.
  private func movement(_ node: Node, _ grid: Grid, _ inputs: inout [Value?], in graph: Graph)
    -> (any Operator)?
  {
    switch node.operator {
    case is Flatten, is Reshape, is Squeeze, is Unsqueeze, is Transpose, is Identity, is MaxPool,
      is GlobalMaxPool, is Slice, is DepthToSpace, is SpaceToDepth, is Expand, is Tile:
      return node.operator
    default: return nil
    }
  }
}
