/// Chooses the range of values that is spread over the levels of an integer, given how the values
/// are distributed.
public protocol RangeEstimator: Sendable {
  /// The recipe's word.
  static var name: String { get }
  static var summary: String { get }
  static func range(_ histogram: Histogram) -> ClosedRange<Float>
}

/// Every estimator, in alphabetical order: add a file to this folder and a line here.
public let rangeEstimators: [any RangeEstimator.Type] = [
  EntropyRange.self,
  MeanSquaredErrorRange.self,
  MinMaxRange.self,
  PercentileRange.self,
]

/// How often values fall into each of equal parts of their range.
public struct Histogram: Sendable {
  public static let bins = 2048
  public let low: Float
  public let high: Float
  public private(set) var counts: [Double]

  /// - Parameters:
  ///   - low: the smallest value; zero is always inside the range, so that it is exact.
  public init(low: Float, high: Float) {
    // A tenth of the largest float: a width stays finite.
    let limit = Float.greatestFiniteMagnitude / 10
    self.low = max(min(low, 0), -limit)
    self.high = min(max(high, 0), limit)
    counts = [Double](repeating: 0, count: Self.bins)
  }

  /// Counts values; what lies outside the range belongs to its ends, what is not finite to nothing.
  public mutating func add(_ values: UnsafeBufferPointer<Float>) {
    let scale = Float(Self.bins) / (high - low)
    guard scale.isFinite, high > low else { return }
    let (low, last) = (self.low, Float(Self.bins - 1))
    counts.withUnsafeMutableBufferPointer { counts in
      for value in values where value.isFinite {
        let place = (value - low) * scale
        counts[place < last ? max(0, Int(place)) : Self.bins - 1] += 1
      }
    }
  }

  /// Counts values that lie somewhere between two numbers: each part that they touch gets its
  /// share. Those from zero on belong to the part that zero is in, for most of them are zero.
  mutating func add(_ count: Double, from lower: Float, to upper: Float) {
    let first = bin(of: lower)
    let last = bin(of: upper)
    guard first < last, lower != 0 else {
      counts[lower == 0 ? zeroBin : first] += count
      return
    }
    let (from, to) = (max(lower, low), min(upper, high))
    let width = (high - low) / Float(Self.bins)
    for bin in first...last {
      let start = low + Float(bin) * width
      let inside = min(to, start + width) - max(from, start)
      counts[bin] += count * Double(max(0, inside) / max(to - from, .leastNormalMagnitude))
    }
  }

  /// The part that zero is in.
  var zeroBin: Int { bin(of: 0) }

  /// The part that a value inside the range is in.
  func bin(of value: Float) -> Int {
    guard high > low else { return 0 }
    return max(0, min(Self.bins - 1, Int((value - low) / (high - low) * Float(Self.bins))))
  }

  /// The middle of a part.
  public func center(_ bin: Int) -> Float {
    low + (Float(bin) + 0.5) / Float(Self.bins) * (high - low)
  }

  public var total: Double { counts.reduce(0, +) }

  /// The whole range shrunk towards zero.
  func shrunk(_ factor: Float) -> ClosedRange<Float> { (low * factor)...(high * factor) }
}
