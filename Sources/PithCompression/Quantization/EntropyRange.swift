import Foundation

/// The shrink of the whole range whose 256 levels tell most of the distribution: the one with the
/// least Kullback-Leibler divergence, the clipped mass being counted in the outermost parts.
public struct EntropyRange: RangeEstimator {
  public static let name = "entropy"
  public static let summary = "the range that keeps most of the distribution's information"

  public static func range(_ histogram: Histogram) -> ClosedRange<Float> {
    let candidates = (0..<100).map { histogram.shrunk(1 - 0.8 * Float($0) / 99) }
    let divergences = candidates.map { divergence($0, histogram) }
    let best = divergences.indices.min { divergences[$0] < divergences[$1] } ?? 0
    return candidates[best]
  }

  private static func divergence(_ range: ClosedRange<Float>, _ histogram: Histogram) -> Double {
    let width = histogram.high - histogram.low
    guard width > 0 else { return .infinity }
    let bins = Float(Histogram.bins)
    let first = Int((range.lowerBound - histogram.low) / width * bins)
    let last = min(
      Histogram.bins - 1, Int((range.upperBound - histogram.low) / width * bins))
    guard last - first >= 256 else { return .infinity }
    var reference = Array(histogram.counts[first...last])
    let inside = reference
    reference[0] += histogram.counts[..<first].reduce(0, +)
    reference[reference.count - 1] += histogram.counts[(last + 1)...].reduce(0, +)
    let total = reference.reduce(0, +)
    let insideTotal = inside.reduce(0, +)
    guard total > 0, insideTotal > 0 else { return .infinity }
    var sum = 0.0
    for level in 0..<256 {
      let part = (level * inside.count / 256)..<((level + 1) * inside.count / 256)
      let filled = part.count { inside[$0] > 0 }
      guard filled > 0 else { continue }
      let share = part.reduce(0.0) { $0 + inside[$1] } / Double(filled) / insideTotal
      for bin in part where reference[bin] > 0 {
        let p = reference[bin] / total
        sum += p * log(p / max(inside[bin] > 0 ? share : 0, 1e-12))
      }
    }
    return sum
  }
}
