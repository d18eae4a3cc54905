public import PithGraph

/// Chooses which channels to remove: the least important ones, until a budget is met.
public struct ChannelSelection: Sendable {
  /// What a budget counts.
  public enum Budget: String, Sendable, CaseIterable {
    case macs, parameters, channels
  }

  /// What the scores are compared within.
  public enum Scope: String, Sendable, CaseIterable {
    /// All groups, each with scores of mean 1.
    case global
    /// Each group, which loses the same share as every other.
    case local
  }

  private let groups: [PruningGroup]
  private let cost: StructureCost
  /// The channels of all groups, the least important first.
  private let order: [(group: Int, channel: Int)]
  /// The fewest channels that each group keeps.
  private let least: [Int]
  /// The multiple that the number of kept channels is rounded up to, for each group.
  private let rounding: [Int]

  /// - Parameters:
  ///   - scores: for each group, of each channel.
  ///   - floor: the share of each group that stays at least; one channel always does.
  ///   - rounding: the number of channels kept in a group becomes a multiple of this.
  public init(
    _ groups: PruningGroups, scores: [[Double]], scope: Scope = .global, floor: Double = 0,
    rounding: Int = 1
  ) {
    self.groups = groups.groups
    cost = StructureCost(groups.bound)
    least = groups.groups.map { max(1, Int((floor * Double($0.count)).rounded(.up))) }
    self.rounding = groups.groups.map { _ in max(1, rounding) }
    var ranked: [(rank: Double, group: Int, channel: Int)] = []
    for (group, values) in scores.enumerated() {
      let mean = values.reduce(0, +) / Double(max(values.count, 1))
      let byScore = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
      for (place, channel) in byScore.enumerated() {
        let rank =
          scope == .local
          ? Double(place) / Double(values.count) : mean > 0 ? values[channel] / mean : 1
        ranked.append((rank, group, channel))
      }
    }
    order = ranked.sorted { ($0.rank, $0.group, $0.channel) < ($1.rank, $1.group, $1.channel) }
      .map { ($0.group, $0.channel) }
  }

  /// The channels to remove from each group so that at most the share `kept` of the budget is left;
  /// where even the least allowed is more, that least.
  public func channels(keeping kept: Double, of budget: Budget) -> [[Int]] {
    let limit = kept * total(budget)
    var (low, high) = (0, order.count)
    while low < high {
      let middle = (low + high) / 2
      if left(removing(middle), budget) <= limit { high = middle } else { low = middle + 1 }
    }
    return removing(low)
  }

  /// The removal of the channels chosen.
  public func removal(_ channels: [[Int]]) -> ChannelRemoval {
    var removal = ChannelRemoval()
    for (group, channels) in zip(groups, channels) { removal.remove(channels, of: group) }
    return removal
  }

  private func total(_ budget: Budget) -> Double {
    switch budget {
    case .macs: Double(cost.total.macs)
    case .parameters: Double(cost.total.parameters)
    case .channels: Double(groups.reduce(0) { $0 + $1.count })
    }
  }

  private func left(_ channels: [[Int]], _ budget: Budget) -> Double {
    switch budget {
    case .channels: total(budget) - Double(channels.reduce(0) { $0 + $1.count })
    case .macs: total(budget) - Double(cost.cost(of: removal(channels)).macs)
    case .parameters: total(budget) - Double(cost.cost(of: removal(channels)).parameters)
    }
  }

  /// The first channels of the order, as far as their groups can spare them.
  private func removing(_ count: Int) -> [[Int]] {
    var result = groups.map { _ in [Int]() }
    for (group, channel) in order.prefix(count)
    where groups[group].count - result[group].count > least[group] {
      result[group].append(channel)
    }
    for (group, multiple) in rounding.enumerated() where multiple > 1 {
      let kept = groups[group].count - result[group].count
      let wanted = min(groups[group].count, (kept + multiple - 1) / multiple * multiple)
      result[group].removeLast(wanted - kept)
    }
    return result
  }
}
