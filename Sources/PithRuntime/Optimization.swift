public import PithGraph
import PithOperators
import PithTensors

extension Graph {
  /// The graph made ready to run: named dimensions bound, constants computed, rules applied.
  ///
  /// - Parameters:
  ///   - rules: in place of `integerRules` and `optimizationRules`.
  ///   - integers: whether what stands between DequantizeLinear and QuantizeLinear is computed with
  ///     8-bit integers instead of being simulated in float.
  public func optimized(
    binding sizes: [String: Int] = [:], rules: [any Rewrite]? = nil, integers: Bool = true
  ) throws(GraphError) -> Graph {
    var graph = sizes.isEmpty ? self : try binding(sizes)
    graph.removeUnused()
    if integers, rules == nil, updates.isEmpty,
      nodes.contains(where: { $0.operator is QuantizeLinear })
    {
      graph.foldConstants(keepingBytes: true)
      try graph.rewrite(with: integerRules)
      try graph.rewrite(with: integerFusions)
    }
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
