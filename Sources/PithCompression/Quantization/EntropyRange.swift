import Foundation

/// The shrink of the whole range whose 256 levels tell most of the distribution: the one with the
/// least Kullback-Leibler divergence, the clipped mass being counted in the outermost parts
/// (Migacz: 8-bit inference with TensorRT, 2017).
public struct EntropyRange: RangeEstimator {
  public static let name = "entropy"
  public static let summary = "the range that keeps most of the distribution's information"

  public static func range(_ histogram: Histogram) -> ClosedRange<Float> {
    let counts = withoutZeros(histogram)
    let candidates = (0..<100).map { histogram.shrunk(1 - 0.8 * Float($0) / 99) }
    let divergences = candidates.map { range in
      divergence(
        counts, first: histogram.bin(of: range.lowerBound),
        last: histogram.bin(of: range.upperBound)
      )
    }
    let best = divergences.indices.min { divergences[$0] < divergences[$1] } ?? 0
    return candidates[best]
  }

  /// Zeros, of which a rectifier makes many, are exact under every range: the part they are in
  /// counts like its neighbours, or their mass would outweigh all else.
  private static func withoutZeros(_ histogram: Histogram) -> [Double] {
    var counts = histogram.counts
    let zero = histogram.zeroBin
    let neighbours = [zero - 1, zero + 1].filter(counts.indices.contains).map { counts[$0] }
    counts[zero] = min(counts[zero], neighbours.reduce(0, +) / Double(neighbours.count))
    return counts
  }

  /// Divergence of what 256 levels between two parts tell from the whole distribution.
  private static func divergence(_ counts: [Double], first: Int, last: Int) -> Double {
    guard last - first >= 256 else { return .infinity }
    let inside = Array(counts[first...last])
    var reference = inside
    reference[0] += counts[..<first].reduce(0, +)
    reference[reference.count - 1] += counts[(last + 1)...].reduce(0, +)
    let total = reference.reduce(0, +)
    let insideTotal = inside.reduce(0, +)
    guard total > 0, insideTotal > 0 else { return .infinity }
    var sum = 0.0
    for level in 0..<256 {
      let part = (level * inside.count / 256)..<((level + 1) * inside.count / 256)
      let filled = part.count { inside[$0] > 0 }
      let share =
        part.reduce(0.0) { $0 + inside[$1] } / Double(max(filled, 1)) / insideTotal
      for bin in part where reference[bin] > 0 {
        let p = reference[bin] / total
        sum += p * log(p / max(inside[bin] > 0 ? share : 0, 1e-12))
      }
    }
    return sum
  }
}
