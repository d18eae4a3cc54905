public import PithGraph
public import PithTensors

/// Uniform in 0..<1, drawn anew for each layer from the seed: what every other criterion has to
/// beat.
public struct RandomScores: PruningCriterion {
  public static let name = "random"
  public static let summary = "drawn at random: the control that other criteria have to beat"
  public static let paper = "Mittal et al.: Recovering from random pruning, 2018"
  /// "RAND", so that no other use of the seed draws the same numbers.
  private static let stream: UInt64 = 0x5241_4E44 << 32

  public static func scores(of layers: [PrunableLayer], _ evidence: PruningEvidence) throws
    -> [Value: Tensor]
  {
    evidence.scores(of: layers) { _, layer, weights in
      var random = Philox(seed: evidence.seed, stream: stream | UInt64(layer.weight.id))
      return weights.map { _ in random.uniform() }
    }
  }
}
