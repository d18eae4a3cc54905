public import PithGraph
import PithKernels
import PithOperators

/// Add(Conv(x), y) becomes a convolution that adds to y in place.
public struct FuseResidualSum: Rewrite {
  public let name = "fuse residual sum"

  public init() {}

  public func edit(at node: Node, in graph: Graph, _ connections: Connections)
    throws(GraphError) -> Edit?
  {
    guard node.as(Add.self) != nil, let output = node.output,
      let left = node.inputs[0], let right = node.inputs[1], left != right,
      let type = graph.type(of: output)
    else { return nil }
    // Of two convolutions the later one takes the sum.
    let candidates = [(left, right), (right, left)].sorted {
      (connections.producer[$0.0] ?? -1) > (connections.producer[$1.0] ?? -1)
    }
    for (sum, other) in candidates {
      guard let position = connections.producer[sum],
        connections.soleConsumer(of: sum) != nil,
        let convolution = graph.nodes[position].as(Conv.self), convolution.post.isEmpty,
        graph.type(of: sum) == type, graph.type(of: other) == type,
        connections.producer[other] != nil || graph.inputs.contains(other)
      else { continue }
      let target = graph.nodes[position]
      return Edit("\(target.name) + \(graph.name(of: other))") { (graph) throws(GraphError) in
        let fused = convolution.adding(PostOperations(sum: true))
        var inputs = target.inputs
        while inputs.count < 3 { inputs.append(nil) }
        inputs.append(other)
        let result = try graph.insert(fused, inputs, before: node.id, name: target.name)[0]
        graph.removeNodes([target.id])
        graph.replaceUses(of: output, with: result)
      }
    }
    return nil
  }
}
