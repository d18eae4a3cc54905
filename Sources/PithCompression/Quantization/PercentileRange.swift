/// Leaves out the rarest extreme values: 0.01 % of them, from both ends together.
public struct PercentileRange: RangeEstimator {
  public static let name = "percentile"
  public static let summary = "leaves out the outermost 0.01 % of the values"
  static let share = 0.0001

  public static func range(_ histogram: Histogram) -> ClosedRange<Float> {
    var left = (histogram.total * share).rounded()
    var (first, last) = (0, Histogram.bins - 1)
    // The end that is further from zero gives way first.
    while first < last {
      let takesLow = -histogram.center(first) > histogram.center(last)
      let count = histogram.counts[takesLow ? first : last]
      guard count <= left else { break }
      left -= count
      if takesLow { first += 1 } else { last -= 1 }
    }
    let half = (histogram.high - histogram.low) / Float(2 * Histogram.bins)
    return min(histogram.center(first) - half, 0)...max(histogram.center(last) + half, 0)
  }
}
