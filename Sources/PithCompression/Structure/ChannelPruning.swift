import PithData
public import PithGraph
import PithOperators
import PithTraining

/// Removes whole channels, heads and hidden units: the network becomes smaller, whatever runs it.
public struct ChannelPruning: CompressionMethod {
  public static let name = "channel-pruning"
  public static let summary = "removes whole channels, heads and hidden units, and trains the rest"
  public static let paper =
    "Li et al.: Pruning filters for efficient ConvNets, 2017; Fang et al.: DepGraph, 2023"
  public static let settings =
    [
      Setting(
        "macs", .number(0.0001...1), default: nil,
        help: "share of the multiply-accumulates to keep"),
      Setting(
        "parameters", .number(0.0001...1), default: nil, help: "share of the parameters to keep"),
      Setting("channels", .number(0.0001...1), default: nil, help: "share of the channels to keep"),
    ] + LatencyBudget.settings + [
      Setting(
        "criterion", .word(channelCriteria.map { $0.name }), default: .word(ChannelL1.name),
        help: "what says how much a channel matters"),
      Setting(
        "scope", oneOf: ChannelSelection.Scope.self, default: .global,
        help: "whether all groups of channels compete, or each loses the same share"),
      Setting(
        "floor", .number(0...1), default: .number(0.1),
        help: "share of each group of channels that stays at least"),
      Setting(
        "round", .text, default: .word("1"),
        help:
          "the channels kept in a group are a multiple of this number; auto measures which is fast"
      ),
      Setting(
        "penalty", .number(0...100), default: nil,
        help: "strength of the penalty of the criteria slimming and greg; their own where left out"),
      Setting(
        "penalty-epochs", .wholeNumber(0...100_000), default: nil,
        help: "passes with that penalty before channels are chosen; epochs where left out"),
      Setting(
        "refit", .flag, default: nil,
        help:
          "whether layers behind removed channels are fitted to what they gave before; lasso does"),
      Setting(
        "samples", .wholeNumber(1...1_000_000), default: .wholeNumber(1024),
        help: "training images that refit and criteria with data look at"),
      Setting(
        "skip", .list(.text), default: .list([]),
        help: "layers that are left whole, by name; * stands for any letters"),
    ]
    + FineTuning.settings(
      epochs: 4, learningRate: 0.01, scheduleName: FineTuning.scheduleName)

  let budget: ChannelSelection.Budget
  let kept: Double
  let criterion: any ChannelCriterion.Type
  let penalty: Double?
  let penaltyEpochs: Int
  let scope: ChannelSelection.Scope
  let floor: Double
  let latencyBatch: Int
  /// Nil where the fastest of several is taken.
  let rounding: Int?
  private let skipped: [NamePattern]
  private let refits: Bool
  private let samples: Int
  let training: FineTuning

  public init(_ values: SettingValues) throws(SettingError) {
    let given = ChannelSelection.Budget.allCases.filter { values[$0.rawValue] != nil }
    guard given.count <= 1 else {
      throw .conflict("\(given.map(\.rawValue).joined(separator: " and ")) cannot both be given")
    }
    budget = given.first ?? .macs
    kept = given.isEmpty ? 0.5 : try values.number(budget.rawValue)
    let word = try values.text("criterion")
    criterion = channelCriteria.first { $0.name == word } ?? ChannelL1.self
    penalty = values["penalty"] == nil ? nil : try values.number("penalty")
    penaltyEpochs = Self.penaltyEpochs(values)
    scope = try values.word("scope")
    floor = try values.number("floor")
    latencyBatch = try values.wholeNumber("latency-batch")
    rounding = try Self.rounding(values)
    refits = values["refit"] == nil ? criterion.refits : try values.flag("refit")
    samples = try values.wholeNumber("samples")
    skipped = try values.list("skip").map { NamePattern($0.description) }
    training = try FineTuning(values, scheduleName: FineTuning.scheduleName)
  }

  private static func rounding(_ values: SettingValues) throws(SettingError) -> Int? {
    let text = values["round"]?.description ?? "1"
    if text == "auto" { return nil }
    guard let number = Int(text), (1...1024).contains(number) else {
      throw .notAccepted(setting: "round", value: text, expected: "a whole number or auto")
    }
    return number
  }

  public func apply(to graph: Graph, _ context: Context) throws -> Outcome {
    var context = context
    context.samples = samples
    let groups = try graph.pruningGroups { isSkipped($0, graph) }
    guard !groups.groups.isEmpty else {
      throw CompressionError.nothingToDo(
        method: Self.name, why: groups.frozen.first?.reason ?? "no layer has channels")
    }
    let timer = LatencyRecord(context)
    let latency =
      budget == .latency
      ? try LatencyBudget(
        of: graph, groups.groups, bound: groups.bound, batch: latencyBatch, timer) : nil
    let (graph, before) = try penalized(graph, groups, latency?.model, context)
    let scores = try criterion.scores(of: groups.groups, in: graph, context)
    for (group, scores) in zip(groups.groups, scores) where !scores.allSatisfy(\.isFinite) {
      throw CompressionError.notFinite(layer: group.name)
    }
    let search = ChannelSearch(
      pruning: self, graph: graph, groups: groups, scores: scores, latency: latency, timer: timer)
    let (candidate, measured) = try search.best(of: rounding.map { [$0] } ?? Self.multiples)
    try RemovalCheck(graph, bound: groups.bound)(candidate.graph, without: candidate.removal)
    var notes = measured + budgetNotes(candidate) + frozenNotes(groups)
    var smaller = candidate.graph
    if refits {
      let refit = ChannelRefit(whole: graph, removal: candidate.removal, bound: groups.bound)
      let outcome = try refit(smaller, data(context), context)
      notes += outcome.notes
      smaller = outcome.graph
    }
    let (trained, epochs) = try training.run(smaller, context, method: Self.name)
    return Outcome(trained, notes: notes, epochs: before + epochs.later(by: before.count))
  }

  private func data(_ context: Context) throws -> TrainingData {
    guard let data = context.data, data.train.count > 0 else {
      throw CompressionError.needsData(method: Self.name, why: "refit looks at samples")
    }
    return data
  }

  private func isSkipped(_ node: Node, _ graph: Graph) -> Bool {
    skipped.contains { pattern in
      pattern.matches(node.name)
        || node.inputs.contains { input in
          input.map { graph.weights[$0] != nil && pattern.matches(graph.name(of: $0)) } ?? false
        }
    }
  }

  /// Multiples of channels that are tried where one is to be found.
  static let multiples = [1, 4, 8, 16, 32]

  private func budgetNotes(_ candidate: ChannelSearch.Candidate) -> [String] {
    guard budget != .latency, candidate.left > kept * 1.02 else { return [] }
    return [
      "\(percent(candidate.left)) of the \(budget.rawValue) stay, \(percent(kept)) were asked for: "
        + "floor, round, skip or layers that cannot be cut allow no less"
    ]
  }

  private func frozenNotes(_ groups: PruningGroups) -> [String] {
    let reasons = Set(groups.frozen.map(\.reason)).filter { !$0.hasPrefix("it is the network's") }
    return reasons.sorted().prefix(8).map { reason in
      let names = groups.frozen.filter { $0.reason == reason }.map(\.name)
      return names.prefix(3).joined(separator: ", ")
        + (names.count == 1 ? " stays whole: " : " stay whole: ") + reason
    }
  }
}
