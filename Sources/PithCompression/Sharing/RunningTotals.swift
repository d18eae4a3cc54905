/// Sums of sorted values and of their squares up to each place, so that those of any range are a
/// difference.
struct RunningTotals {
  private let sorted: [Float]
  private var sums = [0.0]
  private var squares = [0.0]

  init(_ sorted: [Float]) {
    self.sorted = sorted
    sums.reserveCapacity(sorted.count + 1)
    squares.reserveCapacity(sorted.count + 1)
    var (sum, square) = (0.0, 0.0)
    for value in sorted {
      sum += Double(value)
      square += Double(value) * Double(value)
      sums.append(sum)
      squares.append(square)
    }
  }

  /// The mean of a range that holds values.
  func mean(_ range: Range<Int>) -> Double {
    (sums[range.upperBound] - sums[range.lowerBound]) / Double(range.count)
  }

  /// Sum of the squared distances of a range's values to a point.
  func squaredDistance(_ range: Range<Int>, to point: Double) -> Double {
    let sum = sums[range.upperBound] - sums[range.lowerBound]
    let square = squares[range.upperBound] - squares[range.lowerBound]
    return max(0, square + point * (Double(range.count) * point - 2 * sum))
  }

  /// As many ranges as are given, none empty where there are that many distinct values: for each
  /// empty one, the one whose values are furthest from their mean is parted at that mean.
  func split(_ ranges: [Range<Int>]) -> [Range<Int>] {
    var parts = ranges.filter { !$0.isEmpty }
    var spreads = parts.map(spread)
    while parts.count < ranges.count {
      guard let widest = spreads.indices.max(by: { spreads[$0] < spreads[$1] }),
        spreads[widest] >= 0
      else { break }
      let (range, mean) = (parts[widest], mean(parts[widest]))
      let lower = range.lowerBound..<firstPlace(in: range, from: mean)
      let upper = lower.upperBound..<range.upperBound
      parts.replaceSubrange(widest...widest, with: [lower, upper])
      spreads.replaceSubrange(widest...widest, with: [spread(lower), spread(upper)])
    }
    return parts
  }

  /// What parting a range could save; negative where all its values are the same.
  private func spread(_ range: Range<Int>) -> Double {
    sorted[range.lowerBound] < sorted[range.upperBound - 1]
      ? squaredDistance(range, to: mean(range)) : -1
  }

  /// The first place after a range's beginning whose value is not below `bound`.
  private func firstPlace(in range: Range<Int>, from bound: Double) -> Int {
    var (low, high) = (range.lowerBound + 1, range.upperBound - 1)
    while low < high {
      let place = (low + high) / 2
      if Double(sorted[place]) < bound { low = place + 1 } else { high = place }
    }
    return low
  }
}
