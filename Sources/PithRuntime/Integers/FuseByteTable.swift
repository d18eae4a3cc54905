import PithGraph
import PithKernels

/// Bringing bytes to another grid, and no more, behind a convolution of bytes is done with it.
struct FuseByteTable: Rewrite {
  let name = "fuse rescaling"

  func edit(at node: Node, in graph: Graph, _ connections: Connections) throws(GraphError) -> Edit?
  {
    guard let table = node.as(ByteTable.self), let rescaling = table.rescaling,
      let input = node.inputs[0], let output = node.output,
      let position = connections.producer[input], connections.soleConsumer(of: input) != nil,
      let convolution = graph.nodes[position].as(IntegerConv.self)
    else { return nil }
    let target = graph.nodes[position]
    let fused = IntegerConv(
      convolution.geometry, dtype: table.dtype,
      steps: rounded(convolution) + [
        .linear(scale: rescaling.factor, shift: rescaling.shift),
        .clip(low: Float(rescaling.low), high: Float(rescaling.high)),
      ])
    guard graph.canRun(fused, target.inputs) else { return nil }
    return Edit("\(node.name) into \(target.name)") { (graph) throws(GraphError) in
      let result = try graph.insert(fused, target.inputs, before: node.id, name: target.name)[0]
      graph.replaceUses(of: output, with: result)
      graph.removeNodes([node.id, target.id])
    }
  }
}
