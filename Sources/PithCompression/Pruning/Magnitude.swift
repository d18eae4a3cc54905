public import PithGraph
public import PithTensors

/// |w|: small weights matter least (Han et al. 2015).
public struct Magnitude: PruningCriterion {
  public static let name = "magnitude"
  public static let summary = "the absolute value of a weight"
  public static let paper =
    "Han, Pool, Tran, Dally: Learning both weights and connections for efficient neural networks, 2015"

  public static func scores(of layers: [PrunableLayer], _ evidence: PruningEvidence) throws
    -> [Value: Tensor]
  {
    evidence.scores(of: layers) { _, _, weights in weights.map(\.magnitude) }
  }
}
