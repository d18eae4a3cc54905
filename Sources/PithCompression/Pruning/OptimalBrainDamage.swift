public import PithGraph
public import PithTensors

/// h w^2 / 2, h being the diagonal of the Gauss-Newton matrix J^T H J: H is the curvature of the
/// loss at the network's answers, J the answers' derivatives with respect to the weight.
///
/// The labels play no part. With ten answers or less h is exact; with more it is an unbiased
/// estimate from random directions, one a sample.
public struct OptimalBrainDamage: PruningCriterion {
  public static let name = "obd"
  public static let summary = "half the loss's curvature (Gauss-Newton) times the squared weight"
  public static let paper = "LeCun, Denker, Solla: Optimal brain damage, 1990"
  public static let needsData = true

  public static func scores(of layers: [PrunableLayer], _ evidence: PruningEvidence) throws
    -> [Value: Tensor]
  {
    let moments = try evidence.moments(
      of: layers.map(\.weight), .curvature, batch: 1, criterion: name)
    return evidence.scores(of: layers) { index, _, weights in
      zip(weights, moments[index].squares).map { Float(Double($0) * Double($0) * $1 / 2) }
    }
  }
}
