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
        help: "share of the weights that become zero; patterns such as 2:4 have their own"),
      Setting(
        "criterion", .word(pruningCriteria.map { $0.name }), default: .word(Magnitude.name),
        help: "what says how much a weight matters"),
      Setting(
        "schedule", oneOf: SparsitySchedule.self, default: .gradual,
        help:
          "whether sparsity comes at once, in rounds or along a cubic, and whether weights may return"
      ),
      Setting(
        "granularity", .word(Granularity.words), default: .word("fine"),
        help: "what is pruned as one: single weights, or parts of filters; N:M keeps N of every M"),
      Setting(
        "block", .list(.wholeNumber(1...4096)), default: .list([.wholeNumber(4), .wholeNumber(4)]),
        help: "filters and input channels of a block"),
      Setting(
        "norm", oneOf: GroupNorm.self, default: .l1,
        help: "how the scores of weights that are pruned as one become one score"),
      Setting(
        "normalize", .flag, default: .flag(false),
        help: "whether scores are divided by the mean of their layer before layers are compared"),
      Setting(
        "scope", .word(MaskSelection.Scope.allCases.map(\.rawValue)), default: .word("global"),
        help:
          "one threshold for all layers, the same share of each, or a multiple of each layer's deviation"
      ),
      Setting(
        "allocation", .word(pruningCriteria.map { $0.name }), default: nil,
        help:
          "with scope: global the criterion that says how many weights each layer loses; lookahead has magnitude, others themselves"
      ),
      Setting(
        "deviation", .number(0...100), default: nil,
        help: "the multiple, for scope: deviation; found from the sparsity where left out"),
      Setting(
        "layers", .mapping(.number(0...0.9999)), default: .mapping([:]),
        help: "sparsities of layers by name; * stands for any letters, the longest name counts"),
      Setting(
        "last-layer", .number(0...1), default: nil,
        help:
          "with scope: local the last layer keeps the others' share to this power; lookahead has 0.65, others 1"
      ),
      Setting(
        "refit", .flag, default: nil,
        help:
          "whether kept weights are moved to what their layer gave before; obs and exact-obs do"),
      Setting(
        "samples", .wholeNumber(1...1_000_000), default: .wholeNumber(1024),
        help: "training images that criteria with data look at"),
      Setting(
        "rounds", .wholeNumber(1...1000), default: .wholeNumber(5),
        help: "rounds of the iterative schedule"),
      Setting(
        "ramp", .number(0...1), default: .number(0.6),
        help: "share of the training after which the final sparsity is reached"),
      Setting(
        "interval", .wholeNumber(1...1_000_000), default: nil,
        help: "steps between two choices while training; 32, or an eighth of the ramp with data"),
      Setting(
        "skip", .list(.text), default: .list([]),
        help: "layers that are left whole, by name; * stands for any letters"),
    ]
    + FineTuning.settings(
      epochs: 4, learningRate: 0.01, scheduleName: FineTuning.scheduleName)

  let plan: MaskPlan
  let schedule: SparsitySchedule
  let refits: Bool
  let rounds: Int
  let ramp: Double
  let interval: Int?
  let training: FineTuning
  private let skipped: [NamePattern]

  public init(_ values: SettingValues) throws(SettingError) {
    plan = try MaskPlan(values)
    schedule = try values.word("schedule")
    refits = values["refit"] == nil ? plan.criterion.refits : try values.flag("refit")
    rounds = try values.wholeNumber("rounds")
    ramp = try values.number("ramp")
    interval = values["interval"] == nil ? nil : try values.wholeNumber("interval")
    skipped = try values.list("skip").map { NamePattern($0.description) }
    training = try FineTuning(values, scheduleName: FineTuning.scheduleName)
    if schedule == .surgery, refits || plan.criterion.needsData {
      throw .conflict(
        "schedule: dynamic-surgery belongs to criteria that look at weights alone, and refits none")
    }
    if schedule == .denseSparseDense, training.epochs < 2 {
      throw .conflict("schedule: dense-sparse-dense takes two epochs or more, one for each half")
    }
  }

  public func apply(to graph: Graph, _ context: Context) throws -> Outcome {
    let layers = try prunable(graph)
    var graph = graph
    var notes: [String] = []
    if schedule.isImmediate || training.epochs == 0 {
      let evidence = PruningEvidence(graph, context, samples: plan.samples)
      let choice = try plan.choose(layers, evidence) { max($0, $1) }
      guard !choice.masks.isEmpty else {
        throw CompressionError.nothingToDo(
          method: Self.name, why: choice.notes.joined(separator: "; "))
      }
      graph = try pruned(graph, layers, choice.masks, evidence, context)
      notes = choice.notes
    }
    guard training.epochs > 0 else { return Outcome(graph, notes: notes) }
    var outcome =
      schedule == .denseSparseDense
      ? try trainSparseThenDense(graph, layers, context) : try train(graph, layers, context)
    outcome.notes = notes + outcome.notes
    return outcome
  }

  /// The network with some weights at zero, the others fitted again where that was asked for.
  func pruned(
    _ graph: Graph, _ layers: [PrunableLayer], _ masks: [Value: [Float]],
    _ evidence: PruningEvidence, _ context: Context
  ) throws -> Graph {
    var graph = graph
    for layer in layers {
      guard let mask = masks[layer.weight], let weight = graph.weights[layer.weight] else {
        continue
      }
      graph.setWeight(layer.weight, weight.masked(by: mask))
    }
    guard refits else { return graph }
    let fitted = try evidence.refitted(layers, masks, for: plan.criterion.name)
    for (weight, tensor) in fitted { graph.setWeight(weight, tensor) }
    guard let data = context.data else { return graph }
    return try graph.shiftingStatistics(
      from: evidence.graph, data, samples: plan.samples, seed: context.seed)
  }

  /// The layers to prune, refusing those that hold values that are not numbers.
  private func prunable(_ graph: Graph) throws -> [PrunableLayer] {
    let layers = graph.prunableLayers().filter { layer in
      !skipped.contains { layer.matches($0, graph) }
    }
    guard !layers.isEmpty else {
      throw CompressionError.nothingToDo(
        method: Self.name, why: "no layer has weights of its own that are not skipped")
    }
    for layer in layers
    where !(graph.weights[layer.weight]?.floats.allSatisfy(\.isFinite) ?? true) {
      throw CompressionError.notFinite(layer: layer.name)
    }
    return layers
  }
}

extension MaskPlan {
  init(_ values: SettingValues) throws(SettingError) {
    let word = try values.text("criterion")
    criterion = pruningCriteria.first { $0.name == word } ?? Magnitude.self
    var block: [Int] = []
    for value in try values.list("block") {
      if case .wholeNumber(let extent) = value { block.append(extent) }
    }
    guard block.count == 2 else {
      throw .conflict("block is two numbers: filters and input channels, such as [4, 4]")
    }
    granularity = Granularity(try values.text("granularity"), block: (block[0], block[1]))
    norm = try values.word("norm")
    normalizes = try values.flag("normalize")
    scope = try values.word("scope")
    let named = values["allocation"] == nil ? nil : try values.text("allocation")
    let usual: any PruningCriterion.Type = criterion == Lookahead.self ? Magnitude.self : criterion
    allocation = named.flatMap { name in pruningCriteria.first { $0.name == name } } ?? usual
    deviation = values["deviation"] == nil ? nil : try values.number("deviation")
    sparsity = try values.number("sparsity")
    var overrides: [(pattern: NamePattern, sparsity: Double)] = []
    let sparsities = try values.mapping("layers")
    for name in sparsities.keys.sorted(by: { ($1.count, $0) < ($0.count, $1) }) {
      if case .number(let sparsity)? = sparsities[name] {
        overrides.append((NamePattern(name), sparsity))
      }
    }
    self.overrides = overrides
    let power = criterion == Lookahead.self && scope == .local ? Lookahead.lastLayer : 1
    lastLayer = values["last-layer"] == nil ? power : try values.number("last-layer")
    samples = try values.wholeNumber("samples")
    if scope == .deviation, criterion != Magnitude.self {
      throw .conflict("scope: deviation belongs to criterion: magnitude")
    }
    if deviation != nil, scope != .deviation {
      throw .conflict("deviation belongs to scope: deviation")
    }
  }
}

extension Tensor {
  /// The elements where the mask is not zero, and positive zeros elsewhere: the product of a
  /// negative weight and zero is a negative zero, whose sign an archive would have to keep.
  func masked(by mask: [Float]) -> Tensor {
    Tensor(zip(floats, mask).map { $1 == 0 ? 0 : $0 }, shape)
  }
}
