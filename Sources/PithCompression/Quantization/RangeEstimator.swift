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
    self.low = min(low, 0)
    self.high = max(high, 0)
    counts = [Double](repeating: 0, count: Self.bins)
  }

  public mutating func add(_ values: UnsafeBufferPointer<Float>) {
    let width = high - low
    guard width > 0 else { return }
    let scale = Float(Self.bins) / width
    for value in values where value.isFinite {
      counts[max(0, min(Self.bins - 1, Int((value - low) * scale)))] += 1
    }
  }

  /// The middle of a part.
  public func center(_ bin: Int) -> Float {
    low + (Float(bin) + 0.5) * (high - low) / Float(Self.bins)
  }

  public var total: Double { counts.reduce(0, +) }

  /// The whole range shrunk towards zero.
  func shrunk(_ factor: Float) -> ClosedRange<Float> { (low * factor)...(high * factor) }
}
