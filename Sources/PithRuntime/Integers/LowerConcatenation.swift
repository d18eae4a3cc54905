import PithGraph
import PithOperators

/// Concat of dequantized values along the channels - Quantize becomes one of bytes.
struct LowerConcatenation: Rewrite {
  let name = "concatenation of bytes"

  func edit(at node: Node, in graph: Graph, _ connections: Connections) throws(GraphError) -> Edit?
  {
    guard let concat = node.as(Concat.self), let output = node.output,
      let rank = graph.type(of: output)?.rank, rank >= 2,
      concat.axis == 1 || concat.axis + rank == 1
    else { return nil }
    let sources = node.inputs.map { graph.bytes(behind: $0, connections) }
    let tail = Tail(of: output, in: graph, connections, adds: false)
    guard let grid = tail.grid, tail.activations.isEmpty, let last = tail.last,
      sources.allSatisfy({ $0 != nil })
    else { return nil }
    let inputs = sources.compactMap { $0?.value }
    let tables = sources.compactMap { source in
      source.map { $0.grid == grid ? nil : byteTable(from: $0.grid, to: grid) }
    }
    let joined = IntegerConcat(dtype: grid.dtype, tables: tables)
    guard graph.canRun(joined, inputs) else { return nil }
    return Edit(node.name) { (graph) throws(GraphError) in
      let result = try graph.insert(joined, inputs, before: last, name: node.name)[0]
      graph.replaceUses(of: tail.output, with: result)
      graph.removeNodes(tail.nodes.union([node.id]))
    }
  }
}

/// The bytes of one grid that stand for those of another.
func byteTable(from source: Grid, to target: Grid) -> [UInt8] {
  (0...255).map { byte in
    UInt8(truncatingIfNeeded: target.number(for: source.value(of: UInt8(byte))))
  }
}
