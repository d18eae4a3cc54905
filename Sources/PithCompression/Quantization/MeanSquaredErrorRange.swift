/// The shrink of the whole range, between 0.2 and 1 in 100 steps, whose rounding and clipping to 256
/// levels have the least squared error.
public struct MeanSquaredErrorRange: RangeEstimator {
  public static let name = "mse"
  public static let summary = "the range whose rounding and clipping have the least squared error"

  public static func range(_ histogram: Histogram) -> ClosedRange<Float> {
    let candidates = (0..<100).map { histogram.shrunk(1 - 0.8 * Float($0) / 99) }
    let errors = candidates.map { error($0, histogram) }
    let best = errors.indices.min { errors[$0] < errors[$1] } ?? 0
    return candidates[best]
  }

  private static func error(_ range: ClosedRange<Float>, _ histogram: Histogram) -> Double {
    let step = (range.upperBound - range.lowerBound) / 255
    guard step > 0 else { return .infinity }
    var sum = 0.0
    for (bin, count) in histogram.counts.enumerated() where count > 0 {
      let value = histogram.center(bin)
      let inside = min(max(value, range.lowerBound), range.upperBound)
      let rounded = (inside / step).rounded() * step
      sum += count * Double((value - rounded) * (value - rounded))
    }
    return sum
  }
}
