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
  /// Whose scores decide, under a common threshold, how many weights each layer loses; which ones
  /// is the criterion's alone.
  let allocation: any PruningCriterion.Type
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
    /// Names of layers that stay whole, by reason.
    fileprivate var whole: [(reason: String, names: [String])] = []

    fileprivate mutating func leave(_ layer: PrunableLayer, _ reason: String) {
      if let index = whole.firstIndex(where: { $0.reason == reason }) {
        whole[index].names.append(layer.name)
      } else {
        whole.append((reason, [layer.name]))
      }
    }

    fileprivate mutating func tellWhole() {
      notes += whole.map { reason, names in
        let first = names.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
        let more = names.count > 3 ? " and \(names.count - 3) more" : ""
        return "left whole because \(reason): \(first)\(more)"
      }
    }
  }

  /// What a threshold chooses from in one layer.
  private struct Pool {
    var layer: PrunableLayer
    var candidates: MaskSelection.Candidates
    var groups: WeightGroups?

    func spread(_ mask: [Float]) -> [Float] { groups?.spread(mask) ?? mask }
  }

  /// Chooses masks for weights as they stand in the evidence's graph; those that are zero go first.
  ///
  /// - Parameter favoured: by layer, the weights whose scores count a tenth more, where there are
  ///   any: a weight should not come and go from one choice to the next.
  func choose(
    _ layers: [PrunableLayer], _ evidence: PruningEvidence, favoured: [Value: [Float]] = [:],
    _ progress: Progress
  ) throws -> Choice {
    var choice = Choice()
    let scores = try criterion.scores(of: layers, evidence)
    let last = granularity == .filter || lastLayer != 1 ? evidence.graph.lastLayers() : []
    var pools: [Pool] = []
    for layer in layers {
      let own = overrides.first { layer.matches($0.pattern, evidence.graph) }?.sparsity
      if own == 0 { continue }
      guard let given = scores[layer.weight] else {
        choice.leave(layer, "criterion \(criterion.name) has no rule for it")
        continue
      }
      let values = ranked(
        given.floats, evidence.weights(of: layer).floats, favoured[layer.weight])
      if case .pattern(let kept, let length) = granularity {
        choosePattern(layer, values, kept, length, progress, &choice)
        continue
      }
      let isLast = last.contains(layer.weight)
      if isLast, granularity == .filter {
        choice.leave(layer, "its filters are the network's answers")
        continue
      }
      let groups = WeightGroups(layer.layout, granularity)
      let candidates = MaskSelection.Candidates(
        scores: groups?.scores(values, norm) ?? values, sizes: groups?.sizes)
      let pool = Pool(layer: layer, candidates: candidates, groups: groups)
      if own != nil || scope == .local {
        let final = own ?? (isLast ? 1 - power(1 - sparsity, lastLayer) : sparsity)
        let mask = MaskSelection.mask(candidates, sparsity: progress(candidates.zeros, final))
        choice.masks[layer.weight] = pool.spread(mask)
      } else {
        pools.append(pool)
      }
    }
    try choosePooled(&pools, evidence, progress, &choice)
    choice.tellWhole()
    choice.notes += evidence.notes
    return choice
  }

  /// Scores that put zeros first and what is favoured later.
  private func ranked(_ scores: [Float], _ weights: [Float], _ favoured: [Float]?) -> [Float] {
    scores.indices.map { index in
      if weights[index] == 0 { return -1 }
      guard scores[index].isFinite else { return .greatestFiniteMagnitude }
      return favoured?[index] == 1 ? scores[index] * 1.1 : max(scores[index], 0)
    }
  }

  private func choosePattern(
    _ layer: PrunableLayer, _ scores: [Float], _ kept: Int, _ length: Int, _ progress: Progress,
    _ choice: inout Choice
  ) {
    guard layer.layout.fits(patternOf: length) else {
      choice.leave(layer, "its input channels do not come out even in patterns of \(length)")
      return
    }
    let now = progress(0, 1 - Double(kept) / Double(length))
    let keeping = max(kept, Int((Double(length) * (1 - now)).rounded(.up)))
    choice.masks[layer.weight] = layer.layout.patternMask(scores, keeping: keeping, of: length)
  }

  /// Decides by one threshold over several layers.
  private func choosePooled(
    _ pools: inout [Pool], _ evidence: PruningEvidence, _ progress: Progress,
    _ choice: inout Choice
  ) throws {
    guard !pools.isEmpty else { return }
    let own = pools
    if allocation != criterion {
      let scores = try allocation.scores(of: pools.map(\.layer), evidence)
      for (index, pool) in pools.enumerated() {
        guard let given = scores[pool.layer.weight] else { continue }
        let values = ranked(given.floats, evidence.weights(of: pool.layer).floats, nil)
        pools[index].candidates.scores = pool.groups?.scores(values, norm) ?? values
      }
    }
    for index in pools.indices {
      let scale: Double
      if scope == .deviation {
        scale = evidence.weights(of: pools[index].layer).floats.deviationOfNonzeros
      } else {
        scale = normalizes ? pools[index].candidates.mean : 1
      }
      guard scale > 0, scale != 1 else { continue }
      let scores = pools[index].candidates.scores
      pools[index].candidates.scores = scores.map { $0 < 0 ? $0 : Float(Double($0) / scale) }
    }
    let candidates = pools.map(\.candidates)
    let total = candidates.reduce(0) { $0 + $1.count }
    let zeros = candidates.reduce(0) { $0 + $1.zeros * Double($1.count) } / Double(max(total, 1))
    var final = sparsity
    if let deviation {
      let below = candidates.reduce(0) { $0 + $1.weights(below: Float(deviation)) }
      final = Double(below) / Double(max(total, 1))
    }
    let masks = MaskSelection.masks(candidates, sparsity: progress(zeros, final))
    for (pool, mask) in zip(own, masks) {
      choice.masks[pool.layer.weight] = pool.spread(
        allocation == criterion ? mask : pool.candidates.mask(asManyAs: mask))
    }
  }
}

extension MaskSelection.Candidates {
  /// Share of the weights that are in groups of nothing but zeros.
  fileprivate var zeros: Double {
    Double(weights(below: 0)) / Double(max(count, 1))
  }

  /// The mask of the largest scores that keeps as many candidates as another.
  fileprivate func mask(asManyAs other: [Float]) -> [Float] {
    let gone = Double(other.count { $0 == 0 })
    let plain = MaskSelection.Candidates(scores: scores)
    return MaskSelection.mask(plain, sparsity: gone / Double(max(other.count, 1)))
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
  var deviationOfNonzeros: Double {
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
