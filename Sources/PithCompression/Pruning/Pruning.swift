public import PithGraph
import PithOperators
import PithTensors
import PithTraining

/// Sets the least important weights to zero and trains the rest.
///
/// Biases and normalisation are never pruned. Weights that are zero already stay so.
public struct Pruning: CompressionMethod {
  public static let name = "pruning"
  public static let summary = "sets the least important weights to zero and trains the others"
  public static let paper =
    "Han et al.: Learning both weights and connections, 2015; Zhu and Gupta: To prune, or not to prune, 2017"
  public static let settings =
    [
      Setting(
        "sparsity", .number(0...0.9999), default: .number(0.8),
        help: "share of the weights that become zero"),
      Setting(
        "criterion", .word(pruningCriteria.map { $0.name }), default: .word(Magnitude.name),
        help: "what says how much a weight matters"),
      Setting(
        "schedule", oneOf: SparsitySchedule.self, default: .gradual,
        help: "whether sparsity comes at once, in rounds or along a cubic"),
      Setting(
        "granularity", .word(["fine"]), default: .word("fine"),
        help: "what is pruned as one: single weights"),
      Setting(
        "scope", .word(MaskSelection.Scope.allCases.map(\.rawValue)), default: .word("global"),
        help: "one threshold for all layers, or the same share of each"),
      Setting(
        "rounds", .wholeNumber(1...1000), default: .wholeNumber(5),
        help: "rounds of the iterative schedule"),
      Setting(
        "ramp", .number(0...1), default: .number(0.6),
        help: "share of the training after which the final sparsity is reached"),
      Setting(
        "skip", .list(.text), default: .list([]),
        help: "layers that are left whole, by name; * stands for any letters"),
    ]
    + FineTuning.settings(
      epochs: 4, learningRate: 0.01, scheduleName: FineTuning.scheduleName)

  private let sparsity: Double
  private let criterion: any PruningCriterion.Type
  private let schedule: SparsitySchedule
  private let scope: MaskSelection.Scope
  private let rounds: Int
  private let ramp: Double
  private let skipped: [NamePattern]
  private let training: FineTuning

  /// Steps between two changes of the masks.
  private static let interval = 32

  public init(_ values: SettingValues) throws(SettingError) {
    sparsity = try values.number("sparsity")
    let word = try values.text("criterion")
    criterion = pruningCriteria.first { $0.name == word } ?? Magnitude.self
    schedule = try values.word("schedule")
    scope = try values.word("scope")
    rounds = try values.wholeNumber("rounds")
    ramp = try values.number("ramp")
    skipped = try values.list("skip").map { NamePattern($0.description) }
    training = try FineTuning(values, scheduleName: FineTuning.scheduleName)
  }

  public func apply(to graph: Graph, _ context: Context) throws -> Outcome {
    let layers = try prunable(graph)
    var graph = graph
    let zeros = layers.reduce(0) { $0 + graph.weights[$1]!.floats.count { $0 == 0 } }
    let total = layers.reduce(0) { $0 + graph.weights[$1]!.count }
    let initial = Double(zeros) / Double(total)
    // Masks to train with: of the weights that are zero at the start, and of those pruned at once.
    var masks = layers.map { layer in
      graph.weights[layer]!.floats.map { $0 == 0 && initial > 0.01 ? Float(0) : 1 }
    }
    if schedule == .oneShot || training.epochs == 0 {
      let tensors = layers.map { graph.weights[$0]! }
      masks = self.masks(tensors, sparsity: max(sparsity, initial))
      for (layer, (tensor, mask)) in zip(layers, zip(tensors, masks)) {
        graph.setWeight(layer, tensor.masked(by: mask))
      }
    }
    let extra = Dictionary(
      uniqueKeysWithValues: zip(layers, masks).map { layer, mask in
        (layer, Tensor(mask, graph.weights[layer]!.shape))
      })
    guard
      let trainer = try training.trainer(graph, context, method: Self.name, extraMasks: extra)
    else { return Outcome(graph) }
    if schedule != .oneShot { trainer.willStep = { try raise($0, layers, initial) } }
    let trained = try trainer.run()
    return Outcome(trained, epochs: trainer.epochs)
  }

  /// Sets the masks that the schedule wants at the trainer's step.
  private func raise(_ trainer: Trainer, _ layers: [Value], _ initial: Double) throws {
    let end = min(Int(ramp * Double(trainer.totalSteps)), trainer.totalSteps - 1)
    guard trainer.step % Self.interval == 0 || trainer.step == end, trainer.step <= end else {
      return
    }
    let wanted = schedule.sparsity(
      step: trainer.step, ramp: end, initial: initial, final: sparsity, rounds: rounds)
    guard wanted > initial else { return }
    let weights = try layers.map { try trainer.weight($0) }
    for ((layer, weight), mask) in zip(zip(layers, weights), masks(weights, sparsity: wanted)) {
      try trainer.setMask(Tensor(mask, weight.shape), of: layer)
    }
  }

  private func masks(_ weights: [Tensor], sparsity: Double) -> [[Float]] {
    MaskSelection.masks(
      weights.map { criterion.scores($0.floats) }, sparsity: sparsity, scope: scope)
  }

  /// The weights to prune, refusing those that hold values that are not numbers.
  private func prunable(_ graph: Graph) throws -> [Value] {
    let layers = graph.parameters().filter { parameter in
      parameter.role == .weight && parameter.form == .plain
        && graph.weights[parameter.root]!.count > 1
        && !skipped.contains { pattern in
          pattern.matches(graph.name(of: parameter.root))
            || pattern.matches(graph.node(parameter.node)?.name ?? "")
        }
    }.map(\.root)
    guard !layers.isEmpty else {
      throw CompressionError.nothingToDo(
        method: Self.name, why: "no layer has weights of its own that are not skipped")
    }
    for layer in layers where !graph.weights[layer]!.floats.allSatisfy(\.isFinite) {
      throw CompressionError.notFinite(layer: graph.name(of: layer))
    }
    return layers
  }
}

extension Tensor {
  /// The elements where the mask is not zero, and positive zeros elsewhere: the product of a negative
  /// weight and zero is a negative zero, whose sign an archive would have to keep.
  func masked(by mask: [Float]) -> Tensor {
    Tensor(zip(floats, mask).map { $1 == 0 ? 0 : $0 }, shape)
  }
}
