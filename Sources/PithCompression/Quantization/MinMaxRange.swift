/// From the smallest to the largest value seen.
public struct MinMaxRange: RangeEstimator {
  public static let name = "min-max"
  public static let summary = "from the smallest to the largest value seen"

  public static func range(_ histogram: Histogram) -> ClosedRange<Float> {
    histogram.low...histogram.high
  }
}
