/// What was achieved, in one sentence.
public struct Headline: Sendable, Hashable, CustomStringConvertible {
  /// `13.1 MB → 90.3 KB, 145× smaller`; nil where a size is missing.
  public let size: String?
  /// `top-1 99.31 % → 99.33 %`, or that accuracy was not measured.
  public let accuracy: String
  /// `1.92× faster`; nil where a latency is missing.
  public let speed: String?

  public init(_ report: CompressReport) {
    let (baseline, result) = (report.baseline, report.result)
    size = Self.size(baseline.onnxBytes, result.smallestBytes)
    if let before = baseline.top1, let after = result.top1 {
      accuracy = "top-1 \(Format.percent(before)) → \(Format.percent(after))"
    } else if let after = result.top1 {
      accuracy = "top-1 \(Format.percent(after))"
    } else {
      accuracy = "accuracy not measured"
    }
    if let before = baseline.latencyMilliseconds, let after = result.latencyMilliseconds,
      before > 0, after > 0
    {
      let change = Comparison.shrinkage(before, after, "faster", "slower").change
      speed = change == "unchanged" ? "as fast" : change
    } else {
      speed = nil
    }
  }

  public var description: String {
    [size, accuracy, speed].compactMap(\.self).joined(separator: "; ")
  }

  private static func size(_ before: Int?, _ after: Int?) -> String? {
    guard let before, let after else { return nil }
    let change = Comparison.shrinkage(Double(before), Double(after), "smaller", "larger").change
    return "\(Format.bytes(before)) → \(Format.bytes(after)), \(change)"
  }
}
