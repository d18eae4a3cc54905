import PithData
import PithGraph
import PithTraining

extension ChannelPruning {
  /// A network without some channels.
  struct Cut {
    var graph: Graph
    /// The share that it has of the budget of the network with all channels.
    let left: Double
    /// What choosing the channels has shown.
    let remarks: Remarks
    var refitNotes: [String] = []
  }

  /// Removes the channels of a round.
  ///
  /// - Parameters:
  ///   - start: the network with all channels.
  ///   - round: from 1.
  func cut(
    _ graph: Graph, _ groups: PruningGroups, of start: Graph, round: Int,
    _ timer: any LatencyTimer, _ context: Context
  ) throws -> Cut {
    let scores = try criterion.scores(of: groups.groups, in: graph, context)
    for (group, scores) in zip(groups.groups, scores) where !scores.allSatisfy(\.isFinite) {
      throw CompressionError.notFinite(layer: group.name)
    }
    let search = ChannelSearch(
      pruning: self, whole: start, graph: graph, groups: groups, scores: scores,
      kept: power(kept, Double(round) / Double(rounds)),
      reached: round == 1 ? 1 : try share(of: graph, groups, in: start, timer),
      latency: try latencyBudget(of: graph, groups, timer), timer: timer)
    var (chosen, remarks) = try search.best(of: rounding.map { [$0] } ?? Self.multiples)
    remarks.notes += criterion.notes(on: groups.groups, in: graph)
    try RemovalCheck(graph, bound: groups.bound)(chosen.graph, without: chosen.removal)
    var cut = Cut(graph: chosen.graph, left: chosen.left, remarks: remarks)
    if refits {
      guard let data = context.data, data.train.count > 0 else {
        throw CompressionError.needsData(method: Self.name, why: "refit looks at samples")
      }
      let refit = ChannelRefit(whole: graph, removal: chosen.removal, bound: groups.bound)
      let outcome = try refit(chosen.graph, data, context)
      cut.graph = outcome.graph
      cut.refitNotes = outcome.notes
    }
    return cut
  }

  /// Multiples of channels that are tried where one is to be found.
  static let multiples = [1, 4, 8, 16, 32]

  /// What chooses channels of some groups, given their scores.
  ///
  /// - Parameter layerPower: of the shares that layers keep.
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

  /// The table of times that a budget of latency is kept by; nil for other budgets.
  func latencyBudget(
    of graph: Graph, _ groups: PruningGroups, _ timer: any LatencyTimer
  ) throws -> LatencyBudget? {
    guard budget == .latency else { return nil }
    return try LatencyBudget(
      of: graph, groups.groups, bound: groups.bound, batch: latencyBatch, timer)
  }

  /// The share that a network of fewer channels has of the budget of another.
  private func share(
    of graph: Graph, _ groups: PruningGroups, in start: Graph, _ timer: any LatencyTimer
  ) throws -> Double {
    if budget == .latency {
      return LatencyComparison([start, graph], batch: latencyBatch, timer).share(of: 1) ?? 1
    }
    return amount(of: groups) / max(amount(of: try self.groups(of: start)), 1)
  }

  /// How many there are of what the budget counts, once some channels are gone.
  func amount(
    of groups: PruningGroups, without channels: [[Int]] = [],
    _ removal: ChannelRemoval = ChannelRemoval()
  ) -> Double {
    let costs = StructureCost(groups.bound)
    let (whole, gone) = (costs.total, costs.cost(of: removal))
    switch budget {
    case .macs, .latency: return Double(whole.macs - gone.macs)
    case .parameters: return Double(whole.parameters - gone.parameters)
    case .channels:
      let total = groups.groups.reduce(0) { $0 + $1.count }
      return Double(total - channels.reduce(0) { $0 + $1.count })
    }
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
