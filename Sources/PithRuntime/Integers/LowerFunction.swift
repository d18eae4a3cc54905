import PithGraph
import PithKernels
import PithOperators
import PithTensors

/// Dequantize - elementwise functions of one value - Quantize becomes a table of 256 bytes; nothing
/// at all where the bytes stay as they are.
struct LowerFunction: Rewrite {
  let name = "table of bytes"

  func edit(at node: Node, in graph: Graph, _ connections: Connections) throws(GraphError) -> Edit?
  {
    guard node.operator is QuantizeLinear, let grid = graph.grid(of: node), let output = node.output
    else { return nil }
    var activations: [Activation] = []
    var chain: Set<Node.ID> = [node.id]
    var value = node.inputs[0]
    while let made = value, let position = connections.producer[made],
      let activation = graph.activation(of: graph.nodes[position]),
      connections.soleConsumer(of: made) != nil
    {
      activations.insert(activation, at: 0)
      chain.insert(graph.nodes[position].id)
      value = graph.nodes[position].inputs[0]
    }
    guard let source = graph.bytes(behind: value, connections) else { return nil }
    if activations.isEmpty, source.grid == grid {
      return Edit(node.name) { (graph) in
        graph.replaceUses(of: output, with: source.value)
        graph.removeNodes([node.id])
      }
    }
    let table = (0...255).map { byte in
      let x = activations.reduce(source.grid.value(of: UInt8(byte))) { Float($1(Double($0))) }
      return UInt8(truncatingIfNeeded: grid.number(for: x))
    }
    let integer = ByteTable(
      dtype: grid.dtype, table: table, rescaling: rescaling(activations, source.grid, grid))
    return Edit(node.name) { (graph) throws(GraphError) in
      let result = try graph.insert(integer, [source.value], before: node.id, name: node.name)[0]
      graph.replaceUses(of: output, with: result)
      graph.removeNodes(chain)
    }
  }

  private func rescaling(_ activations: [Activation], _ source: Grid, _ target: Grid)
    -> ByteTable.Rescaling?
  {
    var (low, high) = (target.range.lowerBound, target.range.upperBound)
    for activation in activations {
      switch activation {
      case .relu: low = max(low, target.number(for: 0))
      case .clip(let least, let most):
        low = max(low, target.number(for: least))
        high = min(high, target.number(for: most))
      default: return nil
      }
    }
    let factor = source.scale / target.scale
    return ByteTable.Rescaling(
      factor: factor, shift: Float(target.zero) - factor * Float(source.zero), low: low, high: high)
  }
}
