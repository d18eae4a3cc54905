import PithGraph

extension ChannelPruning {
  /// What a user should know of the network that came of it.
  ///
  /// - Parameters:
  ///   - start: the network with all channels.
  ///   - groups: those of the last round.
  func notes(_ start: Graph, _ groups: PruningGroups, _ cut: Cut) throws -> [String] {
    let left = cut.amount / max(amount(of: try self.groups(of: start)), 1)
    let shares = shares(of: groups, in: start)
    var notes: [String] = []
    if left > kept * 1.02, shares.count < groups.groups.count {
      notes.append(
        "\(percent(left)) of the \(budget.rawValue) stay, \(percent(kept)) were asked for: floor, "
          + "round, layers, skip or layers that cannot be cut allow no less")
    }
    let names = groups.groups.flatMap { start.makers(of: $0) }
    let strangers = layerShares.filter { !names.contains(where: $0.pattern.matches) }
    if !strangers.isEmpty {
      notes.append(
        "layers: no channels that may go are made by "
          + strangers.map(\.name).joined(separator: ", "))
    }
    if rounding == nil, cut.multiple > 1 {
      notes.append("round: auto found multiples of \(cut.multiple) channels the fastest")
    }
    let times = LatencyComparison.milliseconds(of: [start, cut.graph])
    if let before = times[0], let after = times[1], after > 1.02 * before {
      notes.append(
        "slower at batch 1: \(milliseconds(before)) before, \(milliseconds(after)) after"
          + (rounding == nil ? "" : "; round: auto looks for numbers of channels that are faster"))
    }
    let reasons = Set(groups.frozen.map(\.reason)).filter { !$0.hasPrefix("it is the network's") }
    for reason in reasons.sorted().prefix(8) {
      let names = groups.frozen.filter { $0.reason == reason }.map(\.name)
      notes.append(
        names.prefix(3).joined(separator: ", ")
          + (names.count == 1 ? " stays whole: " : " stay whole: ") + reason)
    }
    return notes
  }
}

func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }

private func milliseconds(_ time: Double) -> String { "\((time * 1000).rounded() / 1000) ms" }
