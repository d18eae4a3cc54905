public import PithGraph
public import PithTensors

/// E[g^2] w^2 / 2, g being the gradient of one sample's loss: the loss that removing a weight costs
/// where the diagonal of the empirical Fisher information stands for the curvature.
public struct Fisher: PruningCriterion {
  public static let name = "fisher"
  public static let summary = "half the mean squared gradient times the squared weight"
  public static let paper =
    "Theis et al.: Faster gaze prediction with dense networks and Fisher pruning, 2018"
  public static let needsData = true

  public static func scores(of layers: [PrunableLayer], _ evidence: PruningEvidence) throws
    -> [Value: Tensor]
  {
    let moments = try evidence.moments(
      of: layers.map(\.weight), .loss, batch: 1, criterion: name)
    return evidence.scores(of: layers) { index, _, weights in
      zip(weights, moments[index].squares).map { Float(Double($0) * Double($0) * $1 / 2) }
    }
  }
}
