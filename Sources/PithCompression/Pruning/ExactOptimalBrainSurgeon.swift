public import PithGraph
public import PithTensors

/// ExactOBS: weights of each filter go one after the other, always the cheapest, the others making
/// up for it exactly; a weight's score is what its removal cost then, as a share of all that the
/// layer gives. Which filter loses how many is decided by all these losses together.
///
/// The work for a layer is filters x inputs^3 / 2; where that is too much, the layer is scored as
/// by
/// `OptimalBrainSurgeon`, and the user told.
public struct ExactOptimalBrainSurgeon: PruningCriterion {
  public static let name = "exact-obs"
  public static let summary =
    "as obs, one weight after the other with exact updates; slow for layers with many inputs"
  public static let paper =
    "Frantar, Singh, Alistarh: Optimal brain compression, 2022"
  public static let needsData = true
  public static let refits = true

  /// Multiply-adds that one layer may take: some minutes.
  private static let mostWork = 2e12

  public static func scores(of layers: [PrunableLayer], _ evidence: PruningEvidence) throws
    -> [Value: Tensor]
  {
    var result: [Value: Tensor] = [:]
    try evidence.forEachHessian(layers, criterion: name) { layer, hessians in
      let weights = evidence.weights(of: layer)
      let problem = LayerReconstruction(layer, hessians)
      let length = Double(layer.layout.length)
      let isFeasible = Double(layer.layout.filters) * length * length * length / 2 <= mostWork
      if !isFeasible {
        evidence.note(
          "'\(layer.name)' has \(layer.layout.length) inputs a filter, too many to remove weights one "
            + "after the other: scored as by obs")
      }
      let losses =
        isFeasible
        ? try problem.lossesInTurn(weights.floats) : try problem.losses(weights.floats)
      result[layer.weight] = Tensor(losses, weights.shape)
    }
    return result
  }
}
