public import PithGraph
public import PithTensors

/// w^2 ||W_before[j]||^2 ||W_behind[:, k]||^2 for the weight from input channel j to filter k: how
/// much removing it changes the product of the layer with its neighbours (LAP).
///
/// Batch normalisation between two layers multiplies the neighbour's norm by (scale / deviation)^2,
/// branches add up, the skip of a residual block counts 1, and so does the end of the network. A
/// layer behind a flattened map has a neighbour's norm for each block of its inputs.
public struct Lookahead: PruningCriterion {
  public static let name = "lookahead"
  public static let summary = "the squared weight times the squared norms of what it connects"
  public static let paper =
    "Park, Lee, Mo, Shin: Lookahead: a far-sighted alternative of magnitude-based pruning, 2020"

  /// The paper's rounds keep 85 % of every layer and 90 % of the last: 0.9 = 0.85^0.65.
  static let lastLayer = 0.65

  public static func scores(of layers: [PrunableLayer], _ evidence: PruningEvidence) throws
    -> [Value: Tensor]
  {
    var norms = NeighbourNorms(evidence.graph)
    return evidence.scores(of: layers) { _, layer, weights in
      let layout = layer.layout
      let before = norms.before(layer)
      let behind = norms.behind(layer)
      var scores = weights.map { $0 * $0 }
      for filter in 0..<layout.filters {
        let factor = behind?[filter] ?? 1
        for input in 0..<layout.inputs {
          let channel = layout.channel(filter: filter, input: input)
          let product = factor * (before?[channel] ?? 1)
          for place in 0..<layout.places {
            let index = layout.index(filter: filter, input: input, place: place)
            scores[index] = Float(Double(weights[index]) * Double(weights[index]) * product)
          }
        }
      }
      return scores
    }
  }
}
