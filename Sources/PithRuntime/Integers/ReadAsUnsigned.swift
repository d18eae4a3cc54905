import PithGraph
import PithKernels
import PithOperators
import PithTensors

/// Signed bytes with a zero point become unsigned ones, which kernels multiply faster: q + 128.
/// With a zero point of zero, they are read as they are where no number is negative, held to 127 as
/// before.
struct ReadAsUnsigned: Rewrite {
  let name = "read as unsigned"

  func edit(at node: Node, in graph: Graph, _ connections: Connections) throws(GraphError) -> Edit?
  {
    guard node.operator is QuantizeLinear, let grid = graph.grid(of: node), grid.dtype == .int8,
      let input = node.inputs[0], let output = node.output, !connections.outputs.contains(output),
      let users = connections.consumers[output]?.map({ graph.nodes[$0] }),
      users.allSatisfy({ $0.operator is DequantizeLinear && graph.grid(of: $0) == grid })
    else { return nil }
    let isSymmetric = grid.zero == 0 && isNeverNegative(input, graph, connections)
    // Signed bytes are only slower, unless sums are kept in 16 bits: then they lose a bit.
    if grid.zero == 0, !isSymmetric, !ProcessorLevel.sumsPairsInSixteenBits { return nil }
    let scale = node.inputs[1]
    return Edit(node.name) { (graph) throws(GraphError) in
      let zero = graph.addWeight(
        nil, Tensor(scalar: UInt8(clamping: isSymmetric ? 0 : grid.zero + 128)))
      var bounded = input
      if isSymmetric {
        bounded = try graph.insert(
          Clip(),
          [input, graph.addScalar(0), graph.addScalar(127 * grid.scale)], before: node.id,
          name: node.name + ".bounds")[0]
      }
      let bytes = try graph.insert(
        QuantizeLinear(), [bounded, scale, zero], before: node.id, name: node.name)[0]
      graph.replaceUses(of: output, with: bytes)
      graph.removeNodes([node.id])
      for user in users { try graph.modify(user.id) { $0.inputs = [bytes, scale, zero] } }
    }
  }

  private func isNeverNegative(_ value: Value, _ graph: Graph, _ connections: Connections) -> Bool {
    guard let position = connections.producer[value] else { return false }
    switch graph.activation(of: graph.nodes[position]) {
    case .relu?, .sigmoid?, .hardSigmoid?: return true
    case .clip(let low, _)?: return low >= 0
    default: return false
    }
  }
}
