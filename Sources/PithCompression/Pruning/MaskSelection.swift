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
  static func masks(_ scores: [[Float]], sparsity: Double, scope: Scope) -> [[Float]] {
    switch scope {
    case .local: return scores.map { mask($0, pruning: Int(Double($0.count) * sparsity)) }
    case .global:
      let total = scores.reduce(0) { $0 + $1.count }
      let pruned = Int(Double(total) * sparsity)
      guard pruned > 0 else { return scores.map { [Float](repeating: 1, count: $0.count) } }
      var all: [Float] = []
      all.reserveCapacity(total)
      for layer in scores { all += layer }
      let threshold = select(&all, rank: min(pruned, total - 1))
      return scores.map { layer in
        let below = layer.count { $0 < threshold }
        let most = layer.count - max(1, Int(Double(layer.count) * smallestDensity))
        return mask(layer, pruning: min(below, most))
      }
    }
  }

  /// Keeps all but the `count` smallest scores.
  private static func mask(_ scores: [Float], pruning count: Int) -> [Float] {
    guard count > 0 else { return [Float](repeating: 1, count: scores.count) }
    guard count < scores.count else { return [Float](repeating: 0, count: scores.count) }
    var copy = scores
    let threshold = select(&copy, rank: count)
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
