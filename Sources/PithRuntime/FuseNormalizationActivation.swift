public import PithGraph
import PithKernels
import PithOperators

/// A ReLU or Clip behind a normalisation by the batch is computed with it, and so are their
/// gradients.
public struct FuseNormalizationActivation: Rewrite {
  public let name = "fuse activation with normalization"

  public init() {}

  public func edit(at node: Node, in graph: Graph, _ connections: Connections)
    throws(GraphError) -> Edit?
  {
    guard let input = node.inputs.first, let input, let output = node.output,
      let activation = graph.fusibleActivation(of: node),
      BatchNormalizationKernel.supports(activation),
      let (target, normalization) = graph.normalization(making: input, for: node, connections),
      normalization.activation == nil
    else { return nil }
    return Edit("\(node.name) into \(target.name)") { (graph) throws(GraphError) in
      try graph.modify(node.id) {
        $0.operator = BatchNormalizationTraining(
          epsilon: normalization.epsilon, activation: activation)
        $0.inputs = target.inputs
        $0.outputs = [output] + target.outputs.dropFirst()
        $0.name = target.name
      }
      graph.removeNodes([target.id])
    }
  }
}

extension Graph {
  /// The normalisation by the batch that makes a value for `node` alone, where it may as well stand
  /// where that node stands.
  func normalization(making value: Value, for node: Node, _ connections: Connections)
    -> (Node, BatchNormalizationTraining)?
  {
    guard let position = connections.producer[value], connections.soleConsumer(of: value) != nil,
      let normalization = nodes[position].as(BatchNormalizationTraining.self),
      let end = nodes.firstIndex(where: { $0.id == node.id })
    else { return nil }
    let statistics = nodes[position].outputs.dropFirst().compactMap(\.self)
    let users = statistics.flatMap { connections.consumers[$0] ?? [] }
    return users.allSatisfy { $0 > end } ? (nodes[position], normalization) : nil
  }
}
