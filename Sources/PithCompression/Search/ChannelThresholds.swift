import PithGraph
import PithTensors

/// Channels go where the Euclidean norm of the weights that make them is below a share of the
/// largest in their group, which always stays.
struct ChannelThresholds: ThresholdSubject {
  let layers: [ThresholdedLayer]
  private let graph: Graph
  private let groups: PruningGroups
  private let chosen: [PruningGroup]
  /// The norm of each channel over the largest of its group.
  private let norms: [[Double]]

  init(_ graph: Graph, _ choice: LayerChoice, _ context: Context) throws {
    groups = try graph.pruningGroups()
    chosen = choice.chosen(of: groups.groups) { group, pattern in
      pattern.matches(group.name)
        || group.constants.contains { pattern.matches(graph.name(of: $0.axis.value)) }
    }
    if let reason = groups.frozen.first?.reason, chosen.isEmpty, choice == .all {
      throw CompressionError.nothingToDo(method: ThresholdSearch.name, why: reason)
    }
    let cost = StructureCost(groups.bound)
    var layers: [ThresholdedLayer] = []
    var norms: [[Double]] = []
    let scores = try ChannelL2.scores(of: chosen, in: graph, context)
    for (place, (group, scores)) in zip(chosen, scores).enumerated() {
      guard scores.allSatisfy(\.isFinite) else {
        throw CompressionError.notFinite(layer: group.name)
      }
      let largest = max(scores.max() ?? 0, 1e-30)
      let made = group.constants.filter { !$0.isReading }.compactMap {
        graph.weights[$0.axis.value]
      }
      let weights = made.max { $0.count < $1.count }?.floats ?? []
      let whole = cost.cost(of: Array(0..<group.count), in: group)
      norms.append(scores.map { $0 / largest })
      layers.append(
        ThresholdedLayer(
          name: group.name,
          features: ThresholdedLayer.features(
            parameters: whole.parameters, macs: whole.macs, place: place,
            inputs: weights.count / max(group.count, 1), weights: weights),
          scores: scores.map { Float($0 / largest) }))
    }
    self.graph = graph
    self.layers = layers
    self.norms = norms
  }

  func pruned(_ thresholds: [Double], isChecked: Bool) throws -> Graph {
    var removal = ChannelRemoval()
    for (index, group) in chosen.enumerated() {
      let order = norms[index].indices.sorted { (norms[index][$0], $0) < (norms[index][$1], $1) }
      let count = min(layers[index].count(below: thresholds[index]), group.count - 1)
      removal.remove(order.prefix(count), of: group)
    }
    guard !removal.isEmpty else { return graph }
    return isChecked
      ? try graph.removingChecked(removal, of: groups) : try graph.removing(removal)
  }

  func masks(_ thresholds: [Double]) -> [Value: Tensor] { [:] }
}
