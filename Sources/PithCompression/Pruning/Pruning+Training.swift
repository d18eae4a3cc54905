import Foundation
import PithGraph
import PithTensors
import PithTraining

extension Pruning {
  /// Trains while the schedule raises the sparsity, or with the zeros there are.
  func train(_ graph: Graph, _ layers: [PrunableLayer], _ context: Context) throws -> Outcome {
    let weights = layers.map { graph.weights[$0.weight] ?? Tensor([Float]()) }
    let zeros = weights.reduce(0) { $0 + $1.floats.count { $0 == 0 } }
    let total = weights.reduce(0) { $0 + $1.count }
    // A stray zero is no pruned weight.
    let isPruned = Double(zeros) > 0.01 * Double(total) || schedule == .oneShot
    let masks = Dictionary(
      uniqueKeysWithValues: zip(layers, weights).map { layer, weight in
        let kept = weight.floats.map { $0 == 0 && isPruned ? Float(0) : 1 }
        return (layer.weight, Tensor(kept, weight.shape))
      })
    guard
      let trainer = try training.trainer(
        graph, context, method: Self.name, extraMasks: masks,
        latent: schedule == .surgery ? Set(layers.map(\.weight)) : [])
    else { return Outcome(graph) }
    var notes: [String] = []
    if schedule != .oneShot {
      let start = Dictionary(
        uniqueKeysWithValues: zip(layers, weights).map { ($0.weight, isPruned ? $1 : nil) })
      trainer.willStep = { trainer in
        if let told = try raise(trainer, layers, start.compactMapValues(\.self), context) {
          notes = told
        }
      }
    }
    let trained = try trainer.run()
    return Outcome(trained, notes: notes, epochs: trainer.epochs)
  }

  /// Trains half of the epochs with the zeros there are, the other half without.
  func trainSparseThenDense(
    _ graph: Graph, _ layers: [PrunableLayer], _ context: Context
  ) throws -> Outcome {
    var (sparse, dense) = (training, training)
    sparse.epochs = (training.epochs + 1) / 2
    dense.epochs = training.epochs - sparse.epochs
    dense.learningRate = (training.learningRate ?? training.optimizer.defaultLearningRate) / 10
    let (trained, first) = try sparse.run(graph, context, method: Self.name)
    var context = context
    context.checkpoint = context.checkpoint?.appendingPathExtension("dense")
    guard
      let trainer = try dense.trainer(
        trained, context, method: Self.name, freed: Set(layers.map(\.weight)))
    else { return Outcome(trained, epochs: first) }
    let result = try trainer.run()
    let second = trainer.epochs.map { result in
      var result = result
      result.epoch += first.count
      return result
    }
    return Outcome(
      result, notes: ["dense-sparse-dense: the network is dense again"], epochs: first + second)
  }

  /// Sets the masks that the schedule wants at the trainer's step, if that is one at which they
  /// change.
  ///
  /// - Parameter start: the weights that training started with, where some of them were pruned.
  /// - Returns: what a user should know, where masks were chosen.
  private func raise(
    _ trainer: Trainer, _ layers: [PrunableLayer], _ start: [Value: Tensor], _ context: Context
  ) throws -> [String]? {
    let end = min(Int(ramp * Double(trainer.totalSteps)), trainer.totalSteps - 1)
    guard isTime(trainer.step, end: end, of: trainer.totalSteps) else { return nil }
    var graph = try trainer.trainedNetwork()
    var masks: [Value: [Float]] = [:]
    if schedule == .surgery {
      for layer in layers {
        graph.setWeight(layer.weight, try trainer.weight(layer.weight))
        masks[layer.weight] = try trainer.mask(layer.weight)?.floats
      }
    }
    let evidence = PruningEvidence(graph, context, samples: plan.samples)
    let choice = try plan.choose(layers, evidence, favoured: masks) { now, final in
      schedule.sparsity(
        step: trainer.step, ramp: end, initial: startSparsity(start, now), final: final,
        rounds: rounds)
    }
    if refits {
      let fitted = try pruned(graph, layers, choice.masks, evidence, context)
      for value in trainer.trainedValues {
        guard let tensor = fitted.weights[value], tensor != graph.weights[value] else { continue }
        try trainer.setWeight(tensor, of: value)
      }
    }
    for layer in layers {
      guard let mask = choice.masks[layer.weight], let shape = graph.weights[layer.weight]?.shape
      else { continue }
      try trainer.setMask(Tensor(mask, shape), of: layer.weight)
    }
    return choice.notes
  }

  /// The share of zeros that the schedule starts from: that of the first network, as nearly as it
  /// can be told of the layers at hand, which hold `now` zeros.
  private func startSparsity(_ start: [Value: Tensor], _ now: Double) -> Double {
    guard !start.isEmpty else { return 0 }
    let zeros = start.values.reduce(0) { $0 + $1.floats.count { $0 == 0 } }
    let total = start.values.reduce(0) { $0 + $1.count }
    return min(now, Double(zeros) / Double(max(total, 1)))
  }

  /// Whether masks are chosen before a step: every so many steps up to the last of the ramp; in
  /// rounds at the first step of each; with dynamic surgery half of the way from there to the end
  /// too.
  private func isTime(_ step: Int, end: Int, of total: Int) -> Bool {
    let isCostly = refits || plan.criterion.needsData
    let interval = self.interval ?? (isCostly ? max(32, end / 8) : 32)
    let last = schedule == .surgery ? end + (total - end) / 2 : end
    guard step <= last else { return false }
    guard step != end else { return true }
    guard schedule == .iterative else { return step.isMultiple(of: interval) }
    func round(_ step: Int) -> Int { step * rounds / max(end, 1) }
    return step == 0 || round(step) != round(step - 1)
  }
}
