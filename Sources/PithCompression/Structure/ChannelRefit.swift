package import PithGraph
import PithOperators
import PithTensors
package import PithTraining

/// Fits layers to what they gave before channels were removed: least squares with what they see in
/// the smaller network against what they gave in the whole one, layer by layer in the order of
/// data, so that each makes up for what those before it left (He, Zhang, Sun 2017).
///
/// Fitted are the layers that read removed channels and those behind them. A bias takes part, and
/// where there is none the mean of a normalisation that follows.
package struct ChannelRefit {
  private let whole: Graph
  private let removal: ChannelRemoval
  private let bound: Graph

  /// - Parameters:
  ///   - whole: the network with all channels.
  ///   - bound: the same with the shapes that the channels were found in.
  package init(whole: Graph, removal: ChannelRemoval, bound: Graph) {
    self.whole = whole
    self.removal = removal
    self.bound = bound
  }

  /// What came of it.
  package struct Outcome {
    package var graph: Graph
    /// The mean over layers of the share of what they gave that is missing, before and after each
    /// was fitted.
    package var errors: (before: Double, after: Double) = (0, 0)
    package var fitted = 0
    /// Layers whose patches are not known, and those with more weights than samples can tell.
    package var withoutPatches: [String] = []
    package var withoutSamples: [String] = []

    /// What a user should know.
    package var notes: [String] {
      var notes: [String] = []
      for (names, reason) in [
        (withoutPatches, "the patches that they see are not known"),
        (withoutSamples, "the samples are too few for their weights: more samples"),
      ] where !names.isEmpty {
        let more = names.count > 3 ? " and \(names.count - 3) more" : ""
        notes.append(
          "refit leaves " + names.prefix(3).joined(separator: ", ") + more + " because " + reason)
      }
      return notes
    }
  }

  package func callAsFunction(
    _ smaller: Graph, _ data: TrainingData, _ context: Context
  ) throws -> Outcome {
    var outcome = Outcome(graph: smaller)
    let changed = changedNodes()
    for layer in smaller.prunableLayers() where layer.users.contains(where: changed.contains) {
      guard let problem = LayerProblem(layer, whole: whole, removal, outcome.graph) else {
        outcome.withoutPatches.append(layer.name)
        continue
      }
      let sums = try problem.measured(whole, outcome.graph, data, context)
      guard let solution = sums.fitted(problem.start, hasIntercept: problem.intercept != nil) else {
        outcome.withoutSamples.append(layer.name)
        continue
      }
      let (before, after) = (sums.error(of: problem.start), sums.error(of: solution))
      guard after <= before else { continue }
      problem.set(solution, in: &outcome.graph)
      let energy = max(sums.energy, .leastNormalMagnitude)
      outcome.errors.before += before / energy
      outcome.errors.after += after / energy
      outcome.fitted += 1
    }
    outcome.errors.before /= Double(max(outcome.fitted, 1))
    outcome.errors.after /= Double(max(outcome.fitted, 1))
    return outcome
  }

  /// Nodes that see something else in the smaller network.
  private func changedNodes() -> Set<Node.ID> {
    var changed = Set(whole.summedInputs(of: removal, bound: bound).map(\.node))
    var values: Set<Value> = []
    for node in whole.nodes {
      guard
        changed.contains(node.id)
          || node.inputs.contains(where: { $0.map(values.contains) ?? false })
      else { continue }
      changed.insert(node.id)
      values.formUnion(node.outputs.compactMap(\.self))
    }
    return changed
  }
}

/// What a layer of the smaller network is fitted to, and where the solution goes.
private struct LayerProblem {
  /// The parameter that what is added goes to.
  enum Intercept {
    case bias(Value)
    /// The mean of a normalisation behind the layer, from which it is subtracted.
    case mean(Value)
  }

  let patches: LayerPatches
  let start: LayerRegression.Solution
  let intercept: Intercept?
  /// In the order of the layer's users, what each gives, the axis of channels, and those kept.
  let outputs: [(value: Value, axis: Int, channels: [Int])]

  /// Nil for layers whose patches are not known, or that do more than multiply and add.
  init?(_ layer: PrunableLayer, whole: Graph, _ removal: ChannelRemoval, _ graph: Graph) {
    guard let patches = LayerPatches(layer, in: graph), let weight = graph.weights[layer.weight],
      weight.dtype == .float32
    else { return nil }
    let nodes = layer.users.compactMap { graph.node($0) }
    var outputs: [(value: Value, axis: Int, channels: [Int])] = []
    for node in nodes {
      if let gemm = node.operator as? Gemm, gemm.alpha != 1 || gemm.beta != 1 { return nil }
      guard let value = node.output, let rank = whole.type(of: value)?.rank, rank > 1,
        whole.type(of: value)?.dtype == .float32
      else { return nil }
      let axis = node.operator is Conv ? 1 : rank - 1
      let channels = removal.kept(ValueAxis(value, axis)) ?? Array(0..<layer.layout.filters)
      guard channels.count == layer.layout.filters else { return nil }
      outputs.append((value, axis, channels))
    }
    guard let bias = Self.bias(of: nodes) else { return nil }
    let connections = graph.connections
    var intercepts = [Double](repeating: 0, count: layer.layout.filters)
    if let bias {
      guard let tensor = graph.weights[bias], tensor.count == intercepts.count,
        tensor.dtype == .float32
      else { return nil }
      intercepts = tensor.floats.map(Double.init)
      intercept = connections.consumers[bias]?.count == nodes.count ? .bias(bias) : nil
    } else {
      intercept = nodes.count == 1 ? graph.mean(behind: outputs[0].value, connections) : nil
    }
    start = LayerRegression.Solution(weights: weight.floats, intercepts: intercepts)
    self.patches = patches
    self.outputs = outputs
  }

  /// The bias that all nodes have; nil inside where none has one, and outside where they differ.
  private static func bias(of nodes: [Node]) -> Value?? {
    let biases = Set(nodes.map { $0.inputs.count > 2 ? $0.inputs[2] : nil })
    return biases.count == 1 ? .some(biases.first ?? nil) : nil
  }

  /// The sums of what the layer sees in one network against what it gives in the other.
  func measured(_ whole: Graph, _ graph: Graph, _ data: TrainingData, _ context: Context) throws
    -> LayerRegression
  {
    let networks = try WatchedNetworks(
      [(whole, outputs.map(\.value)), (graph, patches.sources.map(\.value))], data,
      samples: context.samples)
    var sums = LayerRegression(patches, hasTargets: true)
    var random = Philox(seed: context.seed, stream: LayerRegression.stream)
    try networks.forEachBatch { count, readings in
      for (index, source) in patches.sources.enumerated() {
        let target = LayerRegression.Target(
          reading: readings[0][index], axis: outputs[index].axis, channels: outputs[index].channels)
        sums.add(source, readings[1][index], target, samples: count, random: &random)
      }
    }
    return sums
  }

  func set(_ solution: LayerRegression.Solution, in graph: inout Graph) {
    let weight = patches.layer.weight
    if let shape = graph.weights[weight]?.shape {
      graph.setWeight(weight, Tensor(solution.weights, shape))
    }
    switch intercept {
    case .bias(let value):
      guard let shape = graph.weights[value]?.shape else { return }
      graph.setWeight(value, Tensor(solution.intercepts.map { Float($0) }, shape))
    case .mean(let value):
      guard let mean = graph.weights[value] else { return }
      let moved = zip(mean.floats, solution.intercepts).map { Float(Double($0) - $1) }
      graph.setWeight(value, Tensor(moved, mean.shape))
    case nil: break
    }
  }
}

extension Graph {
  /// The mean of the normalisation that alone reads a value.
  fileprivate func mean(behind value: Value, _ connections: Connections)
    -> LayerProblem.Intercept?
  {
    guard let position = connections.soleConsumer(of: value),
      nodes[position].operator is BatchNormalization, nodes[position].inputs[0] == value,
      let mean = nodes[position].inputs[3], weights[mean]?.dtype == .float32,
      connections.consumers[mean]?.count == 1
    else { return nil }
    return .mean(mean)
  }
}
