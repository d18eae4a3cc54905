/// Chooses which weights to keep.
enum MaskSelection {
  /// Whether one threshold holds for all layers or each layer has its own.
  enum Scope: String, Sendable, CaseIterable {
    case global, local
  }

  /// The share of a layer that a global threshold always leaves: a network cut in two cannot be
  /// trained.
  static let smallestDensity = 0.002

  /// One mask per layer, 1 where the weight is kept, so that `sparsity` of all weights (or of each
  /// layer's) are zero. Of equal scores the earlier weight is pruned first.
  ///
  /// What a layer keeps against a global threshold, the others prune in its place.
  static func masks(_ scores: [[Float]], sparsity: Double, scope: Scope) -> [[Float]] {
    let counts =
      scope == .local
      ? scores.map { min(pruned($0.count, sparsity), $0.count - 1) }
      : globalCounts(scores, sparsity)
    return zip(scores, counts).map { mask($0, pruning: $1) }
  }

  private static func pruned(_ count: Int, _ sparsity: Double) -> Int {
    Int((Double(count) * sparsity).rounded())
  }

  /// How many weights of each layer a common threshold prunes.
  private static func globalCounts(_ scores: [[Float]], _ sparsity: Double) -> [Int] {
    let most = scores.map { $0.count - max(1, Int(Double($0.count) * smallestDensity)) }
    var counts = [Int](repeating: 0, count: scores.count)
    var left = pruned(scores.reduce(0) { $0 + $1.count }, sparsity)
    var open = Array(scores.indices)
    while left > 0, !open.isEmpty {
      var all: [Float] = []
      all.reserveCapacity(open.reduce(0) { $0 + scores[$1].count })
      for layer in open { all += scores[layer] }
      if left < all.count {
        let threshold = select(&all, rank: left)
        var ties = left
        for layer in open {
          counts[layer] = scores[layer].count { $0 < threshold }
          ties -= counts[layer]
        }
        for layer in open where ties > 0 {
          let equal = min(ties, scores[layer].count { $0 == threshold })
          counts[layer] += equal
          ties -= equal
        }
      } else {
        for layer in open { counts[layer] = scores[layer].count }
      }
      let full = open.filter { counts[$0] > most[$0] }
      if full.isEmpty { break }
      for layer in full {
        counts[layer] = most[layer]
        left -= most[layer]
      }
      open.removeAll { full.contains($0) }
    }
    return counts
  }

  /// Keeps all but the `count` smallest scores.
  private static func mask(_ scores: [Float], pruning count: Int) -> [Float] {
    guard count > 0 else { return [Float](repeating: 1, count: scores.count) }
    var copy = scores
    let threshold = select(&copy, rank: min(count, scores.count - 1))
    var ties = count - scores.count { $0 < threshold }
    return scores.map { score in
      if score < threshold { return 0 }
      if score == threshold, ties > 0 {
        ties -= 1
        return 0
      }
      return 1
    }
  }

  /// The element that would stand at `rank` if the values were sorted (Hoare's selection, with the
  /// middle of three as pivot). The order of the values changes.
  static func select(_ values: inout [Float], rank: Int) -> Float {
    values.withUnsafeMutableBufferPointer { values in
      var (low, high) = (0, values.count - 1)
      while low < high {
        let middle = low + (high - low) / 2
        let (a, b, c) = (values[low], values[middle], values[high])
        let pivot = max(min(a, b), min(max(a, b), c))
        var (i, j) = (low, high)
        while i <= j {
          while values[i] < pivot { i += 1 }
          while values[j] > pivot { j -= 1 }
          if i <= j {
            values.swapAt(i, j)
            i += 1
            j -= 1
          }
        }
        if rank <= j { high = j } else if rank >= i { low = i } else { return values[rank] }
      }
      return values[rank]
    }
  }
}
