public import PithGraph
import PithTensors

extension Graph {
  /// The graph made ready to run: named dimensions bound, constants computed, rules applied.
  public func optimized(binding sizes: [String: Int] = [:], rules: [any Rewrite]? = nil)
    throws(GraphError) -> Graph
  {
    var graph = sizes.isEmpty ? self : try binding(sizes)
    graph.removeUnused()
    try graph.expandControlFlow()
    graph.foldConstants()
    try graph.rewrite(with: rules ?? optimizationRules)
    graph.foldConstants()
    return graph
  }
}

/// The rules of the optimization stage, in the order they are tried at each node.
public let optimizationRules: [any Rewrite] = [
  FoldBatchNormalization(),
  FuseResidualSum(),
  FuseActivation(),
]
