import PithGraph

/// Finds the channels that a budget has room for, and how fast the network is without the others.
struct ChannelSearch {
  /// A way to meet the budget.
  struct Candidate {
    let multiple: Int
    let channels: [[Int]]
    let removal: ChannelRemoval
    let graph: Graph
    /// The share of the budget that is left; of a budget of latency as measured.
    var left: Double
    var remarks = Remarks()
  }

  let pruning: ChannelPruning
  /// The network with all channels, of whose budget shares are.
  let whole: Graph
  /// The network that channels are removed from: the whole one, or what a round before has left.
  let graph: Graph
  let groups: PruningGroups
  /// Of the channels of each group.
  let scores: [[Double]]
  /// The share of the budget to keep.
  let kept: Double
  /// The share that the graph has before the removal.
  let reached: Double
  let latency: LatencyBudget?
  let timer: any LatencyTimer

  /// The best of some multiples of channels, with what is to be said of its latency.
  func best(of multiples: [Int]) throws -> (Candidate, Remarks) {
    let candidates = try multiples.map(candidate)
    let comparison = LatencyComparison([whole] + candidates.map(\.graph), timer)
    let chosen = choice(of: candidates, times: Array(comparison.milliseconds.dropFirst()))
    let candidate = candidates[chosen]
    var remarks = candidate.remarks
    if multiples.count > 1, candidate.multiple > 1 {
      remarks.notes.append(
        "round: auto found multiples of \(candidate.multiple) channels the "
          + (latency == nil ? "fastest" : "largest for the time"))
    }
    if let before = comparison.milliseconds[0], let after = comparison.milliseconds[chosen + 1] {
      remarks.notes.append(
        comparison.note(on: whole, candidate.graph, before: before, after: after))
      if after > 1.02 * before {
        remarks.warnings.append(
          try advice(against: candidate, isSearched: multiples.count > 1, before: before))
      }
    }
    return (candidate, remarks)
  }

  private func candidate(_ multiple: Int) throws -> Candidate {
    var selection = pruning.selection(
      groups, scores, in: graph, rounding: multiple, layerPower: 1 / Double(pruning.rounds))
    selection.latency = latency?.model
    func candidate(_ share: Double) throws -> Candidate {
      let channels = selection.channels(keeping: share / reached, of: pruning.budget)
      let removal = selection.removal(channels)
      let smaller = try graph.removing(removal)
      return Candidate(
        multiple: multiple, channels: channels, removal: removal, graph: smaller,
        left: reached
          * (latency?.model.share(selection.counts(channels))
            ?? pruning.amount(of: groups, without: channels, removal)
            / max(pruning.amount(of: groups), 1)))
    }
    guard let latency else { return try candidate(kept) }
    let result = try latency.meet(kept, of: whole) { target in
      let choice = try candidate(target)
      return (choice, choice.graph, choice.left)
    }
    var nearest = result.nearest.choice
    nearest.left = result.nearest.measured ?? nearest.left
    nearest.remarks = latency.remarks(kept, result)
    return nearest
  }

  /// Of those that meet the budget: where it is one of latency the one that keeps the most
  /// multiply-accumulates in the time, otherwise the fastest.
  private func choice(of candidates: [Candidate], times: [Double?]) -> Int {
    guard latency != nil else {
      let allowed = max(1.02 * kept, candidates.map(\.left).min() ?? kept)
      return Self.fastest(zip(times, candidates).map { $1.left <= allowed ? $0 : nil })
    }
    func distance(_ candidate: Candidate) -> Double {
      max(abs(candidate.left - kept), LatencyBudget.tolerance * kept)
    }
    let cost = StructureCost(groups.bound)
    func removed(_ candidate: Candidate) -> Int { cost.cost(of: candidate.removal).macs }
    return candidates.indices.min { first, second in
      let (a, b) = (candidates[first], candidates[second])
      return (distance(a), removed(a), first) < (distance(b), removed(b), second)
    } ?? 0
  }

  /// The first that is no more than 2 % slower than the fastest: the less rounding, the better are
  /// the channels that stay.
  private static func fastest(_ times: [Double?]) -> Int {
    guard let least = times.compactMap(\.self).min() else { return 0 }
    return times.firstIndex { $0.map { $0 <= 1.02 * least } ?? false } ?? 0
  }

  /// What to do about a network that is slower without its channels.
  private func advice(
    against slow: Candidate, isSearched: Bool, before: Double
  ) throws -> String {
    let fact = "slower at batch 1 than before"
    guard !isSearched else { return fact + ", whatever number of channels is kept" }
    guard latency == nil, before <= LatencyComparison.quick else {
      return fact + "; round: auto looks for numbers of channels that are faster"
    }
    let others = try ChannelPruning.multiples.filter { $0 != slow.multiple }.map(candidate)
      .filter { $0.left <= max(1.02 * kept, slow.left) }
    let comparison = LatencyComparison([slow.graph] + others.map(\.graph), timer)
    let times = Array(comparison.milliseconds.dropFirst())
    guard !others.isEmpty, let time = times[Self.fastest(times)],
      let own = comparison.milliseconds[0], time < 0.98 * own
    else { return fact + "; no other multiple of channels is faster" }
    return fact + "; round: auto would keep multiples of \(others[Self.fastest(times)].multiple) "
      + "channels: \(milliseconds(time))"
  }
}
