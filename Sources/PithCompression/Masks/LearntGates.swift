import PithGraph

/// Gates once they are learnt, and what becomes of them: channels that stay and channels that go.
struct LearntGates {
  /// Channels chosen, and the network without the others.
  struct Hardened {
    /// For each gate whether its channel stays.
    let isKept: [Bool]
    let removal: ChannelRemoval
    /// Without the closed channels.
    let smaller: Graph
    /// The same, what is half open being part of it.
    let result: Graph
    /// The share of the budget that is left, as the model tells it.
    let share: Double
  }

  /// Of each gate.
  let a: [Float]
  let gates: GateTraining
  /// The trained network, with all of its channels.
  let graph: Graph
  let groups: [PruningGroup]
  /// Where the budget is one of time.
  let latency: LatencyBudget?

  /// The channels that the budget has room for; where it is one of time as measured.
  func hardened(keeping kept: Double) throws -> (Hardened, Remarks) {
    guard let latency else { return (try hardened(for: kept), Remarks()) }
    let result = try latency.meet(kept, of: graph) { target in
      let hardened = try hardened(for: target)
      return (hardened, hardened.result, hardened.share)
    }
    return (result.nearest.choice, latency.remarks(kept, result))
  }

  private func hardened(for target: Double) throws -> Hardened {
    let isKept = GateHardening(groups: gates.groups, budget: gates.budget).kept(a, share: target)
    var removal = ChannelRemoval()
    var counts: [Double] = []
    var first = 0
    for group in groups {
      let gone = (0..<group.count).filter { !isKept[first + $0] }
      removal.remove(gone, of: group)
      counts.append(Double(group.count - gone.count))
      first += group.count
    }
    let smaller = try graph.removing(removal)
    let openings = a.map { gates.kind.opening($0) }
    let result =
      gates.kind == .binary
      ? smaller : try gates.sites.applying(openings, kept: isKept, to: smaller)
    return Hardened(
      isKept: isKept, removal: removal, smaller: smaller, result: result,
      share: gates.budget.share(counts))
  }

  /// The share of the budget that the open gates have.
  var openShare: Double {
    var counts: [Double] = []
    var first = 0
    for count in gates.groups {
      let opening = a[first..<(first + count)].count { gates.kind.opening($0) > 0 }
      counts.append(Double(opening))
      first += count
    }
    return gates.budget.share(counts)
  }

  /// How fast the network became.
  func latencyRemarks(_ hardened: Hardened, _ timer: any LatencyTimer) -> Remarks {
    let times = LatencyComparison([graph, hardened.result], timer).milliseconds
    guard let before = times[0], let after = times[1] else { return Remarks() }
    var remarks = Remarks(notes: [
      "latency \(milliseconds(before)) → \(milliseconds(after)) at batch 1"
    ])
    if after > 1.02 * before {
      remarks.warnings.append(
        "slower at batch 1 than before; channel-pruning with round: auto looks for numbers of "
          + "channels that are faster")
    }
    return remarks
  }
}
