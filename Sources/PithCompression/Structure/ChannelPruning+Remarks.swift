import PithGraph

extension ChannelPruning {
  /// What a user should know of the network that came of it.
  ///
  /// - Parameters:
  ///   - start: the network with all channels.
  ///   - groups: those of the last round.
  func remarks(_ start: Graph, _ groups: PruningGroups, _ cut: Cut) -> Remarks {
    let shares = shares(of: groups, in: start)
    var remarks = Remarks()
    if budget != .latency, cut.left > kept * 1.02, shares.count < groups.groups.count {
      remarks.warnings.append(
        "\(percent(cut.left)) of the \(budget.rawValue) stay, \(percent(kept)) were asked for: "
          + "floor, round, layers, skip or layers that cannot be cut allow no less")
    }
    let names = groups.groups.flatMap { start.makers(of: $0) }
    let strangers = layerShares.filter { !names.contains(where: $0.pattern.matches) }
    if !strangers.isEmpty {
      remarks.warnings.append(
        "layers: no channels that may go are made by "
          + strangers.map(\.name).joined(separator: ", "))
    }
    let reasons = Set(groups.frozen.map(\.reason)).filter { !$0.hasPrefix("it is the network's") }
    remarks.notes += reasons.sorted().prefix(8).map { reason in
      let names = groups.frozen.filter { $0.reason == reason }.map(\.name)
      return names.prefix(3).joined(separator: ", ")
        + (names.count == 1 ? " stays whole: " : " stay whole: ") + reason
    }
    return remarks
  }
}
