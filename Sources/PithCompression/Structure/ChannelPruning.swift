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
        "round", .wholeNumber(1...1024), default: .wholeNumber(1),
        help: "the number of channels kept in a group is a multiple of this"),
      Setting(
        "skip", .list(.text), default: .list([]),
        help: "layers that are left whole, by name; * stands for any letters"),
    ]
    + FineTuning.settings(
      epochs: 4, learningRate: 0.01, scheduleName: FineTuning.scheduleName)

  private let budget: ChannelSelection.Budget
  private let kept: Double
  private let criterion: any ChannelCriterion.Type
  private let scope: ChannelSelection.Scope
  private let floor: Double
  private let rounding: Int
  private let skipped: [NamePattern]
  private let training: FineTuning

  public init(_ values: SettingValues) throws(SettingError) {
    let given = ChannelSelection.Budget.allCases.filter { values[$0.rawValue] != nil }
    guard given.count <= 1 else {
      throw .conflict("\(given.map(\.rawValue).joined(separator: " and ")) cannot both be given")
    }
    budget = given.first ?? .macs
    kept = given.isEmpty ? 0.5 : try values.number(budget.rawValue)
    let word = try values.text("criterion")
    criterion = channelCriteria.first { $0.name == word } ?? ChannelL1.self
    scope = try values.word("scope")
    floor = try values.number("floor")
    rounding = try values.wholeNumber("round")
    skipped = try values.list("skip").map { NamePattern($0.description) }
    training = try FineTuning(values, scheduleName: FineTuning.scheduleName)
  }

  public func apply(to graph: Graph, _ context: Context) throws -> Outcome {
    let groups = try graph.pruningGroups { node in
      skipped.contains { pattern in
        pattern.matches(node.name)
          || node.inputs.contains { input in
            input.map { graph.weights[$0] != nil && pattern.matches(graph.name(of: $0)) } ?? false
          }
      }
    }
    guard !groups.groups.isEmpty else {
      throw CompressionError.nothingToDo(
        method: Self.name, why: groups.frozen.first?.reason ?? "no layer has channels")
    }
    let scores = try criterion.scores(of: groups.groups, in: graph, context)
    for (group, scores) in zip(groups.groups, scores) where !scores.allSatisfy(\.isFinite) {
      throw CompressionError.notFinite(layer: group.name)
    }
    let selection = ChannelSelection(
      groups, scores: scores, scope: scope, floor: floor, rounding: rounding)
    let channels = selection.channels(keeping: kept, of: budget)
    let removal = selection.removal(channels)
    let smaller = try graph.removingChecked(removal, of: groups)
    let (trained, epochs) = try training.run(smaller, context, method: Self.name)
    return Outcome(
      trained, notes: try notes(groups, removed: channels, smaller), epochs: epochs)
  }

  private func notes(_ groups: PruningGroups, removed: [[Int]], _ smaller: Graph) throws -> [String]
  {
    let (before, after) = (
      StructureCost(groups.bound).total, StructureCost(try smaller.withKnownShapes()).total
    )
    let count = removed.reduce(0) { $0 + $1.count }
    let total = groups.groups.reduce(0) { $0 + $1.count }
    var notes = [
      "\(count) of \(total) channels removed: \(percent(after.macs, of: before.macs)) of the "
        + "multiply-accumulates and \(percent(after.parameters, of: before.parameters)) of the "
        + "parameters stay"
    ]
    let left: Double =
      switch budget {
      case .macs: Double(after.macs) / Double(max(before.macs, 1))
      case .parameters: Double(after.parameters) / Double(max(before.parameters, 1))
      case .channels: 1 - Double(count) / Double(max(total, 1))
      }
    if left > kept * 1.02 {
      notes.append(
        "\(budget.rawValue) stay above \(percent(kept)): floor, round or frozen layers allow no less"
      )
    }
    return notes
  }
}

private func percent(_ part: Int, of whole: Int) -> String {
  percent(Double(part) / Double(max(whole, 1)))
}

private func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
