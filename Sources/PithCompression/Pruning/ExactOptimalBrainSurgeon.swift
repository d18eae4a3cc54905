public import PithGraph
public import PithTensors

/// ExactOBS: weights of each filter go one after the other, always the cheapest, the others making up
/// for it exactly; a weight's score is what its removal cost then, as a share of all that the layer
/// gives. Which filter loses how many is decided by all these losses together.
public struct ExactOptimalBrainSurgeon: PruningCriterion {
  public static let name = "exact-obs"
  public static let summary =
    "as obs, one weight after the other with exact updates; slow for layers with many inputs"
  public static let paper =
    "Frantar, Singh, Alistarh: Optimal brain compression, 2022"
  public static let needsData = true
  public static let refits = true

  public static func scores(of layers: [PrunableLayer], _ evidence: PruningEvidence) throws
    -> [Value: Tensor]
  {
    var result: [Value: Tensor] = [:]
    try evidence.forEachHessian(layers, criterion: name) { layer, hessians in
      let weights = evidence.weights(of: layer)
      let losses = try LayerReconstruction(layer, hessians).lossesInTurn(weights.floats)
      result[layer.weight] = Tensor(losses, weights.shape)
    }
    return result
  }
}
