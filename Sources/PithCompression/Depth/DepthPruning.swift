import PithData
public import PithGraph
import PithTraining

/// Removes whole residual branches, so that the network has fewer layers: what a layer costs beside
/// its arithmetic goes too, whatever its number of channels.
///
/// One branch goes after the other: of all that are left the one of the least
///
///     D(whole, without it) / min(saved, still to be saved)
///
/// where D is the Kullback-Leibler divergence of the classes' probabilities, mean over some training
/// images (for other outputs the norm of the difference over the norm), and what is saved is counted
/// as the budget counts. No labels are used. What comes out is compared with the network in which
/// the branches give zeros.
public struct DepthPruning: CompressionMethod {
  public static let name = "depth-pruning"
  public static let summary =
    "removes whole residual branches with their layers, and trains the rest"
  public static let paper =
    "Chen, Zhao: Shallowing deep networks, 2019; Song et al.: SLEB, 2024 (greedy, by what the network gives)"
  public static let settings =
    [
      Setting(
        "macs", .number(0.0001...1), default: nil,
        help: "share of the multiply-accumulates to keep; 0.5 where no budget is given"),
      Setting(
        "parameters", .number(0.0001...1), default: nil, help: "share of the parameters to keep"),
    ] + LatencyBudget.settings + [
      Setting(
        "samples", .wholeNumber(1...1_000_000), default: .wholeNumber(512),
        help: "training images that the network's answers are compared on"),
      Setting(
        "skip", .list(.text), default: .list([]),
        help: "nodes that stay, by name; * stands for any letters"),
    ] + FineTuning.settings(epochs: 4, learningRate: 0.01)

  /// What is counted.
  enum Budget: String, CaseIterable {
    case macs, parameters, latency
  }

  private let budget: Budget
  private let kept: Double
  private let latencyBatch: Int
  private let samples: Int
  private let skipped: [NamePattern]
  private let training: FineTuning

  public init(_ values: SettingValues) throws(SettingError) {
    let given = Budget.allCases.filter { values[$0.rawValue] != nil }
    guard given.count <= 1 else {
      throw .conflict("\(given.map(\.rawValue).joined(separator: " and ")) cannot both be given")
    }
    budget = given.first ?? .macs
    kept = given.isEmpty ? 0.5 : try values.number(budget.rawValue)
    latencyBatch = try values.wholeNumber("latency-batch")
    samples = try values.wholeNumber("samples")
    skipped = try values.list("skip").map { NamePattern($0.description) }
    training = try FineTuning(values)
  }

  public func apply(to graph: Graph, _ context: Context) throws -> Outcome {
    guard let data = context.data, data.train.count > 0 else {
      throw CompressionError.needsData(
        method: Self.name, why: "branches are chosen by what the network gives without them")
    }
    let timer = LatencyRecord(context)
    let split = data.train.spread(samples)
    let whole = try NetworkAnswers(graph, split, data.preprocessing)
    let isProbability = whole.areProbabilities
    var (current, left, removed) = (graph, 1.0, [ResidualBranch]())
    while left > kept {
      let branches = try branches(of: current)
      guard !branches.isEmpty else { break }
      let need = try missing(current, graph)
      var best: (index: Int, harm: Double)?
      for (index, branch) in branches.enumerated() {
        let answers = try NetworkAnswers(current.without(branch), split, data.preprocessing)
        let divergence = whole.divergence(
          of: answers, whole.usualDivergence, isProbability: isProbability)
        let harm = divergence / max(min(amount(branch.saved), need), 1)
        if best.map({ harm < $0.harm }) ?? true { best = (index, harm) }
      }
      guard let best else { break }
      current = current.without(branches[best.index])
      removed.append(branches[best.index])
      left = try share(of: current, in: graph, timer)
      context.workFinished?(Int(min(1, (1 - left) / max(1 - kept, 1e-9)) * 100), 100)
    }
    guard !removed.isEmpty else {
      throw CompressionError.nothingToDo(
        method: Self.name, why: "no sum of two values of one shape has a side that can go")
    }
    try current.inferAll()
    try current.verify()
    let check = RemovalCheck(graph, bound: try graph.withKnownShapes())
    try check.compare(current, with: try graph.silencing(removed))
    var outcome = Outcome(current)
    outcome.remarks = remarks(graph, current, removed, left: left, timer)
    (outcome.graph, outcome.epochs) = try training.run(current, context, method: Self.name)
    return outcome
  }

  private func branches(of graph: Graph) throws -> [ResidualBranch] {
    try graph.residualBranches(bound: graph.withKnownShapes()) { node in
      skipped.contains { $0.matches(node.name) }
    }.filter { amount($0.saved) > 0 }
  }

  /// What a budget counts of a cost; for time multiply-accumulates stand.
  private func amount(_ cost: PruningGroup.Cost) -> Double {
    Double(budget == .parameters ? cost.parameters : cost.macs)
  }

  /// How much has still to go; of time that is not known in advance.
  private func missing(_ graph: Graph, _ whole: Graph) throws -> Double {
    guard budget != .latency else { return .infinity }
    return amount(try total(graph)) - kept * amount(try total(whole))
  }

  private func share(of graph: Graph, in whole: Graph, _ timer: any LatencyTimer) throws -> Double {
    guard budget == .latency else {
      return amount(try total(graph)) / max(amount(try total(whole)), 1)
    }
    guard let share = LatencyComparison([whole, graph], batch: latencyBatch, timer).share(of: 1)
    else {
      throw CompressionError.nothingToDo(
        method: Self.name, why: "the network cannot be run to be timed")
    }
    return share
  }

  private func total(_ graph: Graph) throws -> PruningGroup.Cost {
    StructureCost(try graph.withKnownShapes()).total
  }

  private func remarks(
    _ whole: Graph, _ smaller: Graph, _ removed: [ResidualBranch], left: Double,
    _ timer: any LatencyTimer
  ) -> Remarks {
    var remarks = Remarks()
    let names = removed.map(\.name)
    remarks.notes.append(
      "\(names.count) branch\(names.count == 1 ? "" : "es") removed, least needed first: "
        + names.joined(separator: ", "))
    if left > kept {
      remarks.warnings.append(
        "\(percent(left)) of the \(budget.rawValue) stay, \(percent(kept)) were asked for: no other "
          + "branch can go; channel-pruning after it can take more")
    }
    let comparison = LatencyComparison([whole, smaller], timer)
    if let before = comparison.milliseconds[0], let after = comparison.milliseconds[1] {
      remarks.notes.append(comparison.note(on: whole, smaller, before: before, after: after))
      if after > 1.02 * before { remarks.warnings.append("slower at batch 1 than before") }
    }
    return remarks
  }
}
