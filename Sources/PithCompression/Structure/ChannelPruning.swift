import Foundation
public import PithGraph
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
        "layers", .mapping(.number(0.0001...1)), default: .mapping([:]),
        help:
          "shares of their channels that layers keep, by name; the others share what is left of the budget; * stands for any letters, the longest name counts"
      ),
      Setting(
        "schedule", oneOf: ChannelSchedule.self, default: .oneShot,
        help: "whether channels go at once, or in rounds with training between"),
      Setting(
        "rounds", .wholeNumber(1...1000), default: .wholeNumber(4),
        help: "rounds of the iterative schedule, among which the epochs are divided"),
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
  /// Shares of their channels that layers keep, the longest pattern first.
  let layerShares: [(pattern: NamePattern, name: String, share: Double)]
  let refits: Bool
  let rounds: Int
  private let skipped: [NamePattern]
  private let samples: Int
  let training: FineTuning

  public init(_ values: SettingValues) throws(SettingError) {
    let word = try values.text("criterion")
    criterion = channelCriteria.first { $0.name == word } ?? ChannelL1.self
    let given = ChannelSelection.Budget.allCases.filter { values[$0.rawValue] != nil }
    guard given.count <= 1 else {
      throw .conflict("\(given.map(\.rawValue).joined(separator: " and ")) cannot both be given")
    }
    budget = given.first ?? criterion.usualBudget
    kept = given.isEmpty ? 0.5 : try values.number(budget.rawValue)
    penalty = values["penalty"] == nil ? nil : try values.number("penalty")
    penaltyEpochs = Self.penaltyEpochs(values)
    scope = try values.word("scope")
    floor = try values.number("floor")
    latencyBatch = try values.wholeNumber("latency-batch")
    rounding = try Self.rounding(values)
    layerShares = try Self.layerShares(values)
    let schedule = try values.word("schedule", as: ChannelSchedule.self)
    rounds = schedule == .oneShot ? 1 : try values.wholeNumber("rounds")
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

  private static func layerShares(_ values: SettingValues) throws(SettingError)
    -> [(pattern: NamePattern, name: String, share: Double)]
  {
    let shares = try values.mapping("layers")
    return shares.keys.sorted { ($1.count, $0) < ($0.count, $1) }.compactMap { name in
      guard case .number(let share)? = shares[name] else { return nil }
      return (NamePattern(name), name, share)
    }
  }

  public func apply(to graph: Graph, _ context: Context) throws -> Outcome {
    var context = context
    context.samples = samples
    let groups = try groups(of: graph)
    guard !groups.groups.isEmpty else {
      throw CompressionError.nothingToDo(
        method: Self.name, why: groups.frozen.first?.reason ?? "no layer has channels")
    }
    let timer = LatencyRecord(context)
    let latency = try latencyBudget(of: graph, groups, timer)
    let (start, before) = try penalized(graph, groups, latency?.model, context)
    var outcome = Outcome(start, epochs: before)
    for round in 1...rounds {
      let groups = try self.groups(of: outcome.graph)
      guard !groups.groups.isEmpty else { break }
      let cut = try cut(outcome.graph, groups, of: start, round: round, timer, context)
      if round == rounds { outcome.remarks += cut.remarks + remarks(start, groups, cut) }
      outcome.notes += cut.refitNotes.filter { !outcome.notes.contains($0) }
      let (trained, epochs) = try train(cut.graph, round, context)
      outcome.graph = trained
      outcome.epochs += epochs.later(by: outcome.epochs.count)
    }
    return outcome
  }

  /// Trains as long as one of the rounds does.
  private func train(_ graph: Graph, _ round: Int, _ context: Context) throws -> (
    Graph, [EpochResult]
  ) {
    var (training, context) = (training, context)
    training.epochs = round * training.epochs / rounds - (round - 1) * training.epochs / rounds
    if round < rounds {
      context.checkpoint = context.checkpoint?.appendingPathExtension("round-\(round)")
    }
    return try training.run(graph, context, method: Self.name)
  }

  /// The groups whose channels may go.
  func groups(of graph: Graph) throws -> PruningGroups {
    var groups = try graph.pruningGroups { isSkipped($0, graph) }
    groups.groups.removeAll { !criterion.applies(to: $0, in: graph) }
    return groups
  }

  private func isSkipped(_ node: Node, _ graph: Graph) -> Bool {
    skipped.contains { pattern in
      pattern.matches(node.name)
        || node.inputs.contains { input in
          input.map { graph.weights[$0] != nil && pattern.matches(graph.name(of: $0)) } ?? false
        }
    }
  }
}

/// When channels are removed, by its recipe word.
public enum ChannelSchedule: String, Sendable, CaseIterable {
  /// All at once, then training.
  case oneShot = "one-shot"
  /// In rounds that each keep the same share of what is left, with training between.
  case iterative
}
