public import PithGraph
import PithOperators

/// Where two gradients meet before a normalisation, its gradient reads both instead of their sum:
/// if nothing runs between the two, all through which both would be kept.
public struct FuseNormalizationGradientSum: Rewrite {
  public let name = "fuse sum of gradients with normalization"

  public init() {}

  public func edit(at node: Node, in graph: Graph, _ connections: Connections)
    throws(GraphError) -> Edit?
  {
    guard node.operator is BatchNormalizationGradient, node.inputs[7] == nil,
      let upstream = node.inputs[0], let position = connections.producer[upstream],
      connections.soleConsumer(of: upstream) != nil, graph.nodes.count > position + 1,
      graph.nodes[position + 1].id == node.id
    else { return nil }
    let sum = graph.nodes[position]
    guard sum.operator is Add, let left = sum.inputs[0], let right = sum.inputs[1],
      graph.type(of: left) == graph.type(of: upstream),
      graph.type(of: right) == graph.type(of: upstream)
    else { return nil }
    return Edit("\(sum.name) into \(node.name)") { (graph) throws(GraphError) in
      try graph.modify(node.id) {
        $0.inputs[0] = left
        $0.inputs[7] = right
      }
      graph.removeNodes([sum.id])
    }
  }
}
