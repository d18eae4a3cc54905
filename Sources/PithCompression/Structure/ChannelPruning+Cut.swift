import PithData
import PithGraph
import PithTraining

extension ChannelPruning {
  /// A network without some channels.
  struct Cut {
    var graph: Graph
    /// How many there are of what the budget counts.
    let amount: Double
    /// The multiple of channels that was found to be fast.
    let multiple: Int
    var notes: [String] = []
  }

  /// Removes channels until at most so many are left of what the budget counts.
  ///
  /// - Parameter layerPower: of the shares that layers keep.
  func cut(
    _ graph: Graph, _ groups: PruningGroups, to limit: Double, layerPower: Double,
    _ context: Context
  ) throws -> Cut {
    let scores = try criterion.scores(of: groups.groups, in: graph, context)
    for (group, scores) in zip(groups.groups, scores) where !scores.allSatisfy(\.isFinite) {
      throw CompressionError.notFinite(layer: group.name)
    }
    let candidates = try (rounding.map { [$0] } ?? [1, 4, 8, 16, 32]).map { multiple in
      let selection = selection(
        groups, scores, in: graph, rounding: multiple, layerPower: layerPower)
      let channels = selection.channels(keeping: limit / amount(of: groups), of: budget)
      let removal = selection.removal(channels)
      return Candidate(
        multiple: multiple, removal: removal, graph: try graph.removing(removal),
        amount: amount(of: groups, without: channels, removal))
    }
    let chosen = fastest(candidates, limit)
    try RemovalCheck(graph, bound: groups.bound)(chosen.graph, without: chosen.removal)
    var cut = Cut(graph: chosen.graph, amount: chosen.amount, multiple: chosen.multiple)
    if refits {
      guard let data = context.data, data.train.count > 0 else {
        throw CompressionError.needsData(method: Self.name, why: "refit looks at samples")
      }
      let refit = ChannelRefit(whole: graph, removal: chosen.removal, bound: groups.bound)
      let outcome = try refit(chosen.graph, data, context)
      cut.graph = outcome.graph
      cut.notes = outcome.notes
    }
    return cut
  }

  /// What chooses channels of some groups, given their scores.
  func selection(
    _ groups: PruningGroups, _ scores: [[Double]], in graph: Graph, rounding: Int = 1,
    layerPower: Double = 1
  ) -> ChannelSelection {
    ChannelSelection(
      groups, scores: scores, scope: scope, floor: floor, rounding: rounding,
      shares: shares(of: groups, in: graph).mapValues { power($0, layerPower) })
  }

  /// The shares that groups keep because a layer that makes them was named, by their place.
  func shares(of groups: PruningGroups, in graph: Graph) -> [Int: Double] {
    guard !layerShares.isEmpty else { return [:] }
    var shares: [Int: Double] = [:]
    for (index, group) in groups.groups.enumerated() {
      let names = graph.makers(of: group)
      shares[index] = layerShares.first { names.contains(where: $0.pattern.matches) }?.share
    }
    return shares
  }

  /// How many there are of what the budget counts, once some channels are gone.
  func amount(
    of groups: PruningGroups, without channels: [[Int]] = [],
    _ removal: ChannelRemoval = ChannelRemoval()
  ) -> Double {
    let costs = StructureCost(groups.bound)
    let (whole, gone) = (costs.total, costs.cost(of: removal))
    switch budget {
    case .macs: return Double(whole.macs - gone.macs)
    case .parameters: return Double(whole.parameters - gone.parameters)
    case .channels:
      let total = groups.groups.reduce(0) { $0 + $1.count }
      return Double(total - channels.reduce(0) { $0 + $1.count })
    }
  }

  /// A way to meet the budget.
  private struct Candidate {
    let multiple: Int
    let removal: ChannelRemoval
    let graph: Graph
    let amount: Double
  }

  /// Of the candidates that meet the budget, or come as near as any, the first that is no more than
  /// 2 % slower than the fastest: the less rounding, the better are the channels that stay.
  private func fastest(_ candidates: [Candidate], _ limit: Double) -> Candidate {
    guard candidates.count > 1 else { return candidates[0] }
    let allowed = max(1.02 * limit, candidates.map(\.amount).min() ?? limit)
    let fitting = candidates.filter { $0.amount <= allowed }
    let times = LatencyComparison.milliseconds(of: fitting.map(\.graph))
    guard let least = times.compactMap(\.self).min() else { return fitting[0] }
    let first = times.firstIndex { $0.map { $0 <= 1.02 * least } ?? false }
    return fitting[first ?? 0]
  }
}

extension Graph {
  /// The names of weights that make the channels of a group, and of the nodes that use them.
  func makers(of group: PruningGroup) -> [String] {
    let values = Set(group.constants.filter { !$0.isReading }.map(\.axis.value))
    let users = nodes.filter { node in
      node.inputs.contains { $0.map(values.contains) ?? false }
    }
    return values.map { name(of: $0) } + users.map(\.name)
  }
}
