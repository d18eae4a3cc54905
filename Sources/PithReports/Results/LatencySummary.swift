/// How long one run takes, over many runs, in milliseconds.
public struct LatencySummary: Codable, Sendable, Hashable {
  public var min: Double
  public var p50: Double
  public var p90: Double
  public var p99: Double
  public var mean: Double

  public init(min: Double, p50: Double, p90: Double, p99: Double, mean: Double) {
    self.min = min
    self.p50 = p50
    self.p90 = p90
    self.p99 = p99
    self.mean = mean
  }

  /// Summarises the times of runs after warm-up; nil where there are none.
  ///
  /// A percentile lies between two neighbouring measurements by linear interpolation, as in
  /// `numpy.percentile`.
  public init?(milliseconds: [Double]) {
    let sorted = milliseconds.filter(\.isFinite).sorted()
    guard let first = sorted.first else { return nil }
    func percentile(_ fraction: Double) -> Double {
      let position = fraction * Double(sorted.count - 1)
      let lower = Int(position)
      let upper = Swift.min(lower + 1, sorted.count - 1)
      return sorted[lower] + (sorted[upper] - sorted[lower]) * (position - Double(lower))
    }
    self.init(
      min: first, p50: percentile(0.5), p90: percentile(0.9), p99: percentile(0.99),
      mean: sorted.reduce(0, +) / Double(sorted.count))
  }

  /// A warning where the measurements scatter so much that small differences mean nothing.
  public var noiseWarning: String? {
    guard p50 > 0, p90 > 1.2 * p50 else { return nil }
    return "latency is noisy: one run in ten took at least \(Format.ratio(p90 / p50)) the median; "
      + "close other programs and measure again"
  }
}
