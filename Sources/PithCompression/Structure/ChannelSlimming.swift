public import PithGraph
import PithOperators
import PithTensors
public import PithTraining

/// |gamma| of the normalisations behind a channel, in training pulled to zero by lambda |gamma|.
public enum ChannelSlimming: ChannelCriterion {
  public static let name = "slimming"
  public static let summary = "the scale of the channel's normalisation, trained towards zero first"
  public static let paper =
    "Liu et al.: Learning efficient convolutional networks through network slimming, 2017"

  public static let penaltyStrength: Double? = 1e-4

  public static func scores(of groups: [PruningGroup], in graph: Graph, _ context: Context) throws
    -> [[Double]]
  {
    let scales = Set(graph.normalizationScales())
    let magnitudes = graph.weightElements(\.magnitude)
    var elements: [Value: Tensor] = [:]
    for value in scales {
      guard let tensor = graph.weights[value] else { continue }
      elements[value] = Tensor(tensor.floats.map(\.magnitude), tensor.shape)
    }
    return groups.map { group in
      let isScaled = group.constants.contains { scales.contains($0.axis.value) }
      return group.sums(of: isScaled ? elements : magnitudes)
    }
  }

  public static func penalty(
    _ strength: Double, on removed: ChannelRemoval, of groups: PruningGroups, in graph: Graph
  ) -> (any TrainingAddition)? {
    let gated = Set(groups.groups.flatMap { $0.constants.map(\.axis.value) })
    let scales = graph.normalizationScales().filter(gated.contains)
    return scales.isEmpty ? nil : ScalePenalty(scales: scales, strength: Float(strength))
  }
}

/// lambda times the sum of the magnitudes of normalisations' scales.
private struct ScalePenalty: TrainingAddition {
  let scales: [Value]
  let strength: Float

  var description: String { "\(strength) times the magnitude of \(scales.count) scales" }

  func add(to graph: inout Graph, step: Value) throws -> AddedTerms {
    var terms: [Value] = []
    for scale in scales {
      terms.append(try graph.add(ReduceSum(keepsAxes: false), graph.add(Abs(), scale)))
    }
    let sum = try graph.add(Sum(), terms)[0]
    return AddedTerms(loss: try graph.add(Mul(), sum, graph.addScalar(strength)))
  }
}

extension Graph {
  /// gamma of every batch normalisation, in the order of the nodes.
  fileprivate func normalizationScales() -> [Value] {
    var seen: Set<Value> = []
    return nodes.compactMap { node in
      guard node.operator is BatchNormalization, let scale = node.inputs[1],
        weights[scale]?.dtype == .float32, seen.insert(scale).inserted
      else { return nil }
      return scale
    }
  }
}
