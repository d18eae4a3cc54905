public import PithGraph

/// Chooses which channels to remove: the least important ones, until a budget is met.
public struct ChannelSelection: Sendable {
  /// What a budget counts.
  public enum Budget: String, Sendable, CaseIterable {
    case macs, parameters, channels
    /// The time of a run, as `latency` tells it.
    case latency
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
  /// The channels of each group, the least important first.
  private let orders: [[Int]]
  /// The ranks of each group's channels, ascending.
  private let rank: [[Double]]
  /// The fewest channels that each group keeps.
  private let least: [Int]
  /// The channels that go from groups whose share was given, whatever the budget.
  private let given: [Int: Int]
  private let rounding: Int
  /// The share of the time by the channels of each group; where it is nil multiply-accumulates
  /// stand for time.
  var latency: BudgetModel?

  /// - Parameters:
  ///   - scores: for each group, of each channel.
  ///   - floor: the share of each group that stays at least; one channel always does. A group may
  ///     go as a whole where another has places on each of its axes: the new channels of a residual
  ///     stage, a branch of a concatenation.
  ///   - rounding: the number of channels kept in a group becomes the nearest multiple of this.
  ///   - shares: of the channels that some groups keep, by their place; the others alone compete.
  public init(
    _ groups: PruningGroups, scores: [[Double]], scope: Scope = .global, floor: Double = 0,
    rounding: Int = 1, shares: [Int: Double] = [:]
  ) {
    self.groups = groups.groups
    cost = StructureCost(groups.bound)
    var least = Self.least(groups.groups, floor: floor)
    var given: [Int: Int] = [:]
    for (group, share) in shares {
      let count = groups.groups[group].count
      let kept = min(count, max(1, Int((share * Double(count)).rounded())))
      given[group] = count - kept
      least[group] = min(least[group], kept)
    }
    self.least = least
    self.given = given
    self.rounding = max(1, rounding)
    orders = scores.map { values in
      values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    }
    let orders = orders
    rank = scores.indices.map { group in
      let values = scores[group]
      let mean = values.reduce(0, +) / Double(max(values.count, 1))
      return orders[group].enumerated().map { place, channel in
        scope == .local
          ? Double(place) / Double(values.count) : mean > 0 ? values[channel] / mean : 1
      }
    }
    let ranked = zip(orders, rank).enumerated().flatMap { group, both in
      given[group] != nil
        ? [] : zip(both.0, both.1).map { (rank: $1, group: group, channel: $0) }
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
    return refilled(removing(low), limit: limit, budget)
  }

  /// Gives back what the budget still allows, the most important channels first: rounding makes
  /// steps that may go far below it.
  private func refilled(_ channels: [[Int]], limit: Double, _ budget: Budget) -> [[Int]] {
    guard rounding > 1 else { return channels }
    var result = channels
    var tries = groups.indices.filter { !channels[$0].isEmpty && given[$0] == nil }
    while !tries.isEmpty {
      tries.sort { (rank[$0][result[$0].count - 1], $1) > (rank[$1][result[$1].count - 1], $0) }
      let group = tries.removeFirst()
      var fuller = result
      let kept = groups[group].count - fuller[group].count
      fuller[group].removeLast(min(fuller[group].count, rounding - kept % rounding))
      guard left(fuller, budget) <= limit else { continue }
      result = fuller
      if !result[group].isEmpty { tries.append(group) }
    }
    return result
  }

  /// The removal of the channels chosen.
  public func removal(_ channels: [[Int]]) -> ChannelRemoval {
    var removal = ChannelRemoval()
    for (group, channels) in zip(groups, channels) { removal.remove(channels, of: group) }
    return removal
  }

  /// The number of channels that each group keeps.
  func counts(_ channels: [[Int]]) -> [Double] {
    zip(groups, channels).map { Double($0.count - $1.count) }
  }

  private func total(_ budget: Budget) -> Double {
    switch budget {
    case .latency where latency != nil: 1
    case .macs, .latency: Double(cost.total.macs)
    case .parameters: Double(cost.total.parameters)
    case .channels: Double(groups.reduce(0) { $0 + $1.count })
    }
  }

  private func left(_ channels: [[Int]], _ budget: Budget) -> Double {
    if budget == .latency, let latency { return latency.share(counts(channels)) }
    return switch budget {
    case .channels: total(budget) - Double(channels.reduce(0) { $0 + $1.count })
    case .macs, .latency: total(budget) - Double(cost.cost(of: removal(channels)).macs)
    case .parameters: total(budget) - Double(cost.cost(of: removal(channels)).parameters)
    }
  }

  /// The first channels of the order, as far as their groups can spare them.
  private func removing(_ count: Int) -> [[Int]] {
    var result = groups.indices.map { Array(orders[$0].prefix(given[$0] ?? 0)) }
    for (group, channel) in order.prefix(count)
    where groups[group].count - result[group].count > least[group] {
      result[group].append(channel)
    }
    guard rounding > 1 else { return result }
    return result.indices.map { group in
      Array(orders[group].prefix(groups[group].count - rounded(result[group].count, in: group)))
    }
  }

  /// The channels that a group keeps when `count` would go.
  private func rounded(_ count: Int, in group: Int) -> Int {
    let whole = groups[group].count
    guard count > 0 else { return whole }
    let nearest = (whole - count + rounding / 2) / rounding * rounding
    guard nearest < least[group] || (nearest == 0 && least[group] > 0) else {
      return min(whole, nearest)
    }
    return min(whole, (max(least[group], 1) + rounding - 1) / rounding * rounding)
  }

  private static func least(_ groups: [PruningGroup], floor: Double) -> [Int] {
    var keepers: [ValueAxis: Int] = [:]
    for member in groups.flatMap(\.members) { keepers[member.axis, default: 0] += 1 }
    // Later groups give way: those that came first, as the stem of a network, stay.
    var least = groups.map { max(1, Int((floor * Double($0.count)).rounded(.up))) }
    for index in groups.indices.reversed()
    where groups[index].members.allSatisfy({ keepers[$0.axis, default: 0] > 1 }) {
      least[index] = 0
      for member in groups[index].members { keepers[member.axis, default: 0] -= 1 }
    }
    return least
  }
}
