public import PithGraph
import PithOperators

/// A residual sum behind a normalisation by the batch is computed with it, and so are their
/// gradients.
public struct FuseNormalizationSum: Rewrite {
  public let name = "fuse residual sum with normalization"

  public init() {}

  public func edit(at node: Node, in graph: Graph, _ connections: Connections)
    throws(GraphError) -> Edit?
  {
    guard node.as(Add.self) != nil, let output = node.output, let left = node.inputs[0],
      let right = node.inputs[1], left != right, let type = graph.type(of: output),
      graph.type(of: left) == type, graph.type(of: right) == type
    else { return nil }
    // Of two normalisations the later one takes the sum.
    let candidates = [(left, right), (right, left)].sorted {
      (connections.producer[$0.0] ?? -1) > (connections.producer[$1.0] ?? -1)
    }
    for (sum, addend) in candidates {
      guard let (target, normalization) = graph.normalization(making: sum, for: node, connections),
        normalization.activation == nil, target.inputs.count == 3
      else { continue }
      return Edit("\(target.name) + \(graph.name(of: addend))") { (graph) throws(GraphError) in
        try graph.modify(node.id) {
          $0.operator = normalization
          $0.inputs = target.inputs + [addend]
          $0.outputs = [output] + target.outputs.dropFirst()
          $0.name = target.name
        }
        graph.removeNodes([target.id])
      }
    }
    return nil
  }
}
