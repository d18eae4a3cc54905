package import PithGraph
import PithOperators

extension Graph {
  /// The network as it is run once training is over. Networks saved while they were trained ask
  /// their normalisations for the batch's statistics and their dropouts to drop.
  package func forInference() throws(GraphError) -> Graph {
    var graph = self
    var isChanged = false
    for node in nodes {
      if let normalization = node.as(BatchNormalization.self), normalization.trainingMode {
        try graph.modify(node.id) {
          $0.operator = BatchNormalization(
            epsilon: normalization.epsilon, momentum: normalization.momentum)
          $0.outputs = Array($0.outputs.prefix(1))
        }
        isChanged = true
      }
      if node.operator is Dropout, node.inputs.count > 2 {
        try graph.modify(node.id) { $0.inputs = Array($0.inputs.prefix(2)) }
        isChanged = true
      }
    }
    if isChanged { graph.removeUnusedWeights() }
    return graph
  }
}
