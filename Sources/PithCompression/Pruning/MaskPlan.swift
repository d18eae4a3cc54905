import PithGraph
import PithTensors

/// Which weights go: a criterion's scores, what is pruned as one, and what a threshold holds for.
struct MaskPlan: Sendable {
  let criterion: any PruningCriterion.Type
  let granularity: Granularity
  let norm: GroupNorm
  /// Whether scores are divided by their layer's mean before layers are compared.
  let normalizes: Bool
  let scope: MaskSelection.Scope
  /// Multiple of a layer's standard deviation under which weights go; nil where it follows from the
  /// sparsity.
  let deviation: Double?
  let sparsity: Double
  /// Sparsities of layers by name, the longest pattern first.
  let overrides: [(pattern: NamePattern, sparsity: Double)]
  /// The power of the density of other layers that the last layer keeps.
  let lastLayer: Double
  let samples: Int

  /// Gives the sparsity of now from that at the start and the final one.
  typealias Progress = (_ initial: Double, _ final: Double) -> Double

  /// What was decided for the layers that the criterion has a rule for.
  struct Choice {
    var masks: [Value: [Float]] = [:]
    var notes: [String] = []
  }

  /// Chooses masks for weights as they stand in the evidence's graph; those that are zero go first.
  ///
  /// - Parameter favoured: by layer, the weights whose scores count a tenth more, where there are any:
  ///   a weight should not come and go from one choice to the next.
  func choose(
    _ layers: [PrunableLayer], _ evidence: PruningEvidence, favoured: [Value: [Float]] = [:],
    _ progress: Progress
  ) throws -> Choice {
    var choice = Choice()
    let scores = try criterion.scores(of: layers, evidence)
    let last = granularity == .filter || lastLayer != 1 ? evidence.graph.lastLayers() : []
    var pooled: [(PrunableLayer, MaskSelection.Candidates, WeightGroups?)] = []
    for layer in layers {
      guard let given = scores[layer.weight] else {
        choice.notes.append("'\(layer.name)' stays whole: \(criterion.name) has no rule for it")
        continue
      }
      let weights = evidence.weights(of: layer).floats
      let isKept = favoured[layer.weight]
      let values = zip(given.floats, weights).enumerated().map { index, pair -> Float in
        if pair.1 == 0 { return -1 }
        guard pair.0.isFinite else { return .greatestFiniteMagnitude }
        return isKept?[index] == 1 ? pair.0 * 1.1 : max(pair.0, 0)
      }
      let own = overrides.first { layer.matches($0.pattern, evidence.graph) }?.sparsity
      if own == 0 { continue }
      if case .pattern(let kept, let length) = granularity {
        guard layer.layout.fits(patternOf: length) else {
          choice.notes.append(
            "'\(layer.name)' stays whole: its \(layer.layout.inputs) input channels do not come out "
              + "even in patterns of \(length)")
          continue
        }
        let now = progress(0, 1 - Double(kept) / Double(length))
        let keeping = max(kept, Int((Double(length) * (1 - now)).rounded(.up)))
        choice.masks[layer.weight] = layer.layout.patternMask(values, keeping: keeping, of: length)
        continue
      }
      let isLast = last.contains(layer.weight)
      if isLast, granularity == .filter {
        choice.notes.append("'\(layer.name)' stays whole: its filters are the network's answers")
        continue
      }
      let groups = WeightGroups(layer.layout, granularity)
      let candidates = MaskSelection.Candidates(
        scores: groups?.scores(values, norm) ?? values, sizes: groups?.sizes)
      if own != nil || scope == .local {
        let final = own ?? (isLast ? 1 - power(1 - sparsity, lastLayer) : sparsity)
        let mask = MaskSelection.mask(candidates, sparsity: progress(candidates.zeros, final))
        choice.masks[layer.weight] = groups?.spread(mask) ?? mask
      } else {
        pooled.append((layer, candidates, groups))
      }
    }
    try choosePooled(&pooled, evidence, progress, &choice)
    choice.notes += evidence.notes
    return choice
  }

  /// Decides by one threshold over several layers.
  private func choosePooled(
    _ pooled: inout [(PrunableLayer, MaskSelection.Candidates, WeightGroups?)],
    _ evidence: PruningEvidence, _ progress: Progress, _ choice: inout Choice
  ) throws {
    guard !pooled.isEmpty else { return }
    for index in pooled.indices {
      let scale: Double
      if scope == .deviation {
        scale = evidence.weights(of: pooled[index].0).floats.deviationOfNonzeros
      } else {
        scale = normalizes ? pooled[index].1.mean : 1
      }
      guard scale > 0, scale != 1 else { continue }
      pooled[index].1.scores = pooled[index].1.scores.map { $0 < 0 ? $0 : $0 / Float(scale) }
    }
    let total = pooled.reduce(0) { $0 + $1.1.count }
    let zeros = pooled.reduce(0) { $0 + $1.1.zeros * Double($1.1.count) } / Double(max(total, 1))
    var final = sparsity
    if let deviation {
      let below = pooled.reduce(0) { $0 + $1.1.weights(below: Float(deviation)) }
      final = Double(below) / Double(max(total, 1))
    }
    let masks = MaskSelection.masks(pooled.map(\.1), sparsity: progress(zeros, final))
    for ((layer, _, groups), mask) in zip(pooled, masks) {
      choice.masks[layer.weight] = groups?.spread(mask) ?? mask
    }
  }
}

extension MaskSelection.Candidates {
  /// Share of the weights that are in groups of nothing but zeros.
  fileprivate var zeros: Double {
    Double(weights(below: 0)) / Double(max(count, 1))
  }

  /// The mean score of what is not zero.
  fileprivate var mean: Double {
    let values = scores.filter { $0 >= 0 }
    return values.reduce(0) { $0 + Double($1) } / Double(max(values.count, 1))
  }

  fileprivate func weights(below threshold: Float) -> Int {
    scores.indices.reduce(0) { $0 + (scores[$1] < threshold ? size($1) : 0) }
  }
}

extension [Float] {
  /// The standard deviation of those that are not zero.
  fileprivate var deviationOfNonzeros: Double {
    let values = filter { $0 != 0 }
    let count = Double(Swift.max(values.count, 1))
    let mean = values.reduce(0.0) { $0 + Double($1) } / count
    let squares = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    return (squares / count).squareRoot()
  }
}

extension PrunableLayer {
  /// Whether the weight or a node that uses it is called so.
  func matches(_ pattern: NamePattern, _ graph: Graph) -> Bool {
    pattern.matches(name) || users.contains { pattern.matches(graph.node($0)?.name ?? "") }
  }
}

extension Graph {
  /// The weights of the layers behind which there is no other before the network's outputs.
  func lastLayers() -> Set<Value> {
    let connections = self.connections
    var byNode: [Node.ID: Value] = [:]
    for layer in prunableLayers() {
      for user in layer.users { byNode[user] = layer.weight }
    }
    var found: Set<Value> = []
    var seen: Set<Value> = []
    var waiting = outputs
    while let value = waiting.popLast() {
      guard seen.insert(value).inserted, let position = connections.producer[value] else {
        continue
      }
      let node = nodes[position]
      if let weight = byNode[node.id] {
        found.insert(weight)
      } else {
        waiting += node.inputs.compactMap(\.self)
      }
    }
    return found
  }
}
