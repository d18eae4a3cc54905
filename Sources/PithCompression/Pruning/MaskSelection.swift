/// Chooses which weights, or groups of weights, to keep: those of the largest scores.
enum MaskSelection {
  /// What a threshold holds for.
  enum Scope: String, Sendable, CaseIterable {
    /// One for all layers.
    case global
    /// One for each layer, so that each loses the same share.
    case local
    /// In each layer the same multiple of its own standard deviation (Han et al. 2015).
    case deviation
  }

  /// What is chosen from in one layer.
  struct Candidates {
    var scores: [Float]
    /// The number of weights behind each score; nil for one each.
    var sizes: [Int]?

    var count: Int { sizes?.reduce(0, +) ?? scores.count }

    func size(_ index: Int) -> Int { sizes?[index] ?? 1 }
  }

  /// The share of a layer that a common threshold always leaves: a network cut in two cannot be
  /// trained.
  static let smallestDensity = 0.002

  /// One mask per layer, 1 where the candidate is kept, so that `sparsity` of all weights are zero:
  /// as nearly as groups allow. Of equal scores the earlier goes first.
  ///
  /// What a layer keeps against the common threshold, the others prune in its place.
  static func masks(_ layers: [Candidates], sparsity: Double) -> [[Float]] {
    let total = layers.reduce(0) { $0 + $1.count }
    let wanted = share(total, sparsity)
    if layers.contains(where: { $0.sizes != nil }) { return groupMasks(layers, pruning: wanted) }
    let scores = layers.map(\.scores)
    return zip(scores, commonCounts(scores, pruning: wanted)).map { mask($0, pruning: $1) }
  }

  /// The mask of one layer, at least one candidate being kept.
  static func mask(_ layer: Candidates, sparsity: Double) -> [Float] {
    let wanted = share(layer.count, sparsity)
    if layer.sizes != nil { return groupMasks([layer], pruning: wanted, density: 0)[0] }
    return mask(layer.scores, pruning: max(0, min(wanted, layer.scores.count - 1)))
  }

  private static func share(_ count: Int, _ sparsity: Double) -> Int {
    Int((Double(count) * sparsity).rounded())
  }

  /// How many weights of each layer a common threshold prunes.
  private static func commonCounts(_ scores: [[Float]], pruning wanted: Int) -> [Int] {
    let most = scores.map { $0.count - max(1, Int(Double($0.count) * smallestDensity)) }
    var counts = [Int](repeating: 0, count: scores.count)
    var left = wanted
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

  /// Goes through all groups from the smallest score on; one that would lead further past the
  /// number of weights wanted than leaving it falls short ends it.
  private static func groupMasks(
    _ layers: [Candidates], pruning wanted: Int, density: Double = smallestDensity
  ) -> [[Float]] {
    var masks = layers.map { [Float](repeating: 1, count: $0.scores.count) }
    var keeping = layers.map(\.count)
    let least = layers.map { Int(Double($0.count) * density) }
    let order = layers.indices.flatMap { layer in
      layers[layer].scores.indices.map { (layers[layer].scores[$0], layer, $0) }
    }.sorted { $0 < $1 }
    var left = wanted
    for (_, layer, group) in order {
      let size = layers[layer].size(group)
      if left * 2 < size { break }
      guard keeping[layer] - size >= max(least[layer], 1) else { continue }
      masks[layer][group] = 0
      keeping[layer] -= size
      left -= size
    }
    return masks
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
