public import PithGraph
import PithOperators
import PithTensors

extension Graph {
  /// The graph made ready to run: named dimensions bound, constants computed, rules applied.
  ///
  /// - Parameters:
  ///   - rules: in place of `optimizationRules` and those for integers.
  ///   - integers: what the layers of a quantized network are computed with.
  ///   - sparse: how layers whose weights are mostly zeros are computed.
  public func optimized(
    binding sizes: [String: Int] = [:], rules: [any Rewrite]? = nil,
    integers: IntegerArithmetic = .exact, sparse: SparseExecution = .dense
  ) throws(GraphError) -> Graph {
    var graph = sizes.isEmpty ? self : try binding(sizes)
    graph.removeUnused()
    try graph.expandControlFlow()
    try graph.expandComposites()
    if rules == nil, updates.isEmpty, nodes.contains(where: { $0.operator is QuantizeLinear }) {
      graph.foldConstants(keepingBytes: true)
      for stage in integers.stages { try graph.rewrite(with: stage) }
    }
    graph.foldConstants()
    try graph.rewrite(with: rules ?? optimizationRules)
    // What is left of elementwise operators once kernels before them have taken what they can.
    if rules == nil { try graph.rewrite(with: [FuseElementwise()]) }
    graph.foldConstants()
    return try graph.choosing(sparse)
  }
}

/// The rules of the optimization stage, in the order they are tried at each node.
public let optimizationRules: [any Rewrite] = [
  FoldBatchNormalization(),
  FuseResidualSum(),
  FuseActivation(),
  FuseNormalizationGradientSum(),
]

/// The rules for a network that is about to be differentiated: the gradients of what they fuse are
/// fused too.
public let trainingRules: [any Rewrite] = [
  FuseNormalizationSum(),
  FuseNormalizationActivation(),
]
