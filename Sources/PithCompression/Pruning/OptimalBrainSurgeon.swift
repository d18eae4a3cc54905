public import PithGraph
public import PithTensors

/// Layer-wise optimal brain surgeon: w^2 / (2 [H^-1]_pp), H = 2 X X^T being the curvature of the
/// error of what the layer gives; as a share of all that the layer gives, so that layers compare.
///
/// Weights that are kept then move to where they make up best for all that went, at once.
public struct OptimalBrainSurgeon: PruningCriterion {
  public static let name = "obs"
  public static let summary =
    "what removing a weight changes in its layer's output; the others are fitted again"
  public static let paper =
    "Dong, Chen, Pan: Learning to prune deep neural networks via layer-wise optimal brain surgeon, 2017"
  public static let needsData = true
  public static let refits = true

  public static func scores(of layers: [PrunableLayer], _ evidence: PruningEvidence) throws
    -> [Value: Tensor]
  {
    var result: [Value: Tensor] = [:]
    try evidence.forEachHessian(layers, criterion: name) { layer, hessians in
      let weights = evidence.weights(of: layer)
      let losses = try LayerReconstruction(layer, hessians).losses(weights.floats)
      result[layer.weight] = Tensor(losses, weights.shape)
    }
    return result
  }
}
