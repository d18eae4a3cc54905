import PithGraph
import PithOperators
import PithTensors

/// Single weights go where their magnitude is below a multiple of their layer's standard deviation
/// (Han et al. 2015), which is taken of the weights that are not zero.
struct WeightThresholds: ThresholdSubject {
  let layers: [ThresholdedLayer]
  private let graph: Graph
  private let prunable: [PrunableLayer]
  /// |w| in standard deviations; -1 where the weight is zero already.
  private let candidates: [MaskSelection.Candidates]

  init(_ graph: Graph, _ choice: LayerChoice) throws {
    let prunable = choice.chosen(of: graph.prunableLayers()) { $0.matches($1, graph) }
    let bound = try graph.withKnownShapes()
    var layers: [ThresholdedLayer] = []
    var candidates: [MaskSelection.Candidates] = []
    for (place, layer) in prunable.enumerated() {
      let weights = graph.weights[layer.weight]?.floats ?? []
      guard weights.allSatisfy(\.isFinite) else {
        throw CompressionError.notFinite(layer: layer.name)
      }
      let deviation = Float(max(weights.deviationOfNonzeros, 1e-30))
      let scores = weights.map { $0 == 0 ? -1 : $0.magnitude / deviation }
      candidates.append(MaskSelection.Candidates(scores: scores))
      layers.append(
        ThresholdedLayer(
          name: layer.name,
          features: ThresholdedLayer.features(
            parameters: weights.count, macs: layer.users.reduce(0) { $0 + bound.macs(of: $1) },
            place: place, inputs: layer.layout.length, weights: weights),
          scores: scores.map { max($0, 0) }))
    }
    self.graph = graph
    self.prunable = prunable
    self.layers = layers
    self.candidates = candidates
  }

  func pruned(_ thresholds: [Double], isChecked: Bool) throws -> Graph {
    var graph = graph
    for (layer, mask) in zip(prunable, kept(thresholds)) {
      guard let weight = graph.weights[layer.weight] else { continue }
      graph.setWeight(layer.weight, weight.masked(by: mask))
    }
    return graph
  }

  func masks(_ thresholds: [Double]) -> [Value: Tensor] {
    var masks: [Value: Tensor] = [:]
    for (layer, mask) in zip(prunable, kept(thresholds)) where mask.contains(0) {
      guard let weight = graph.weights[layer.weight] else { continue }
      masks[layer.weight] = Tensor(mask, weight.shape)
    }
    return masks
  }

  /// A mask for each layer, which keeps one weight at least.
  private func kept(_ thresholds: [Double]) -> [[Float]] {
    zip(candidates, zip(layers, thresholds)).map { candidates, layer in
      MaskSelection.mask(candidates, sparsity: layer.0.share(below: layer.1))
    }
  }
}
