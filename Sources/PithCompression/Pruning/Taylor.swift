public import PithGraph
public import PithTensors

/// The mean over minibatches of |g w|, g being the gradient of the minibatch's loss: what removing
/// a weight changes to first order.
public struct Taylor: PruningCriterion {
  public static let name = "taylor"
  public static let summary = "the mean magnitude of gradient times weight over minibatches"
  public static let paper =
    "Molchanov et al.: Importance estimation for neural network pruning, 2019"
  public static let needsData = true
  static let batch = 32

  public static func scores(of layers: [PrunableLayer], _ evidence: PruningEvidence) throws
    -> [Value: Tensor]
  {
    let moments = try evidence.moments(
      of: layers.map(\.weight), .loss, batch: batch, criterion: name)
    return evidence.scores(of: layers) { index, _, weights in
      zip(weights, moments[index].magnitudes).map { Float(Double($0.magnitude) * $1) }
    }
  }
}
