/// Chooses the channels that stay once gates are learnt: those of the largest a that the budget has
/// room for, and of each group the one of the largest.
struct GateHardening {
  /// The number of gates of each group.
  let groups: [Int]
  let budget: BudgetModel
  /// Channels further down the order are still taken while less than this share of the room is
  /// used.
  private static let filled = 0.995

  /// For each gate whether its channel stays.
  func kept(_ a: [Float], share target: Double) -> [Bool] {
    let owners = groups.enumerated().flatMap { [Int](repeating: $0.offset, count: $0.element) }
    let order = a.indices.sorted { (a[$1], $0) < (a[$0], $1) }
    var isKept = [Bool](repeating: false, count: a.count)
    var counts = [Double](repeating: 0, count: groups.count)
    for gate in order where counts[owners[gate]] == 0 {
      isKept[gate] = true
      counts[owners[gate]] = 1
    }
    var share = budget.share(counts)
    for gate in order where !isKept[gate] {
      if share >= Self.filled * target { break }
      let more = share + budget.gain(of: owners[gate], counts)
      // Where channels are large, a little too much may be nearer than far too little.
      guard more <= target || (share < 0.98 * target && more <= 1.02 * target) else { continue }
      isKept[gate] = true
      counts[owners[gate]] += 1
      share = more
    }
    return isKept
  }
}
