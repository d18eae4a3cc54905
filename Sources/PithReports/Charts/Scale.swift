import Foundation

/// Maps values to places on a picture.
enum Scale: Sendable {
  case linear(domain: ClosedRange<Double>, start: Double, end: Double)
  case logarithmic(domain: ClosedRange<Double>, start: Double, end: Double)

  func position(_ value: Double) -> Double {
    switch self {
    case .linear(let domain, let start, let end):
      return start + (end - start) * (value - domain.lowerBound)
        / (domain.upperBound - domain.lowerBound)
    case .logarithmic(let domain, let start, let end):
      let low = log10(domain.lowerBound)
      return start + (end - start) * (log10(Swift.max(value, .leastNormalMagnitude)) - low)
        / (log10(domain.upperBound) - low)
    }
  }

  /// About `count` round values of the domain, with whole steps of 1, 2 or 5 times a power of ten;
  /// on a logarithmic scale powers of ten, or 1, 2 and 5 times these where there are few.
  func ticks(about count: Int) -> [Double] {
    switch self {
    case .linear(let domain, _, _): Self.linearTicks(domain, about: count)
    case .logarithmic(let domain, _, _): Self.logarithmicTicks(domain, about: count)
    }
  }

  /// A domain of `values` that ends at round numbers and is at least `span` wide, within `limits`.
  static func domain(
    _ values: [Double], span: Double, within limits: ClosedRange<Double>
  ) -> ClosedRange<Double> {
    let low = values.min() ?? limits.lowerBound
    let high = values.max() ?? limits.upperBound
    let margin = Swift.max((span - (high - low)) / 2, (high - low) * 0.12)
    let step = step(for: high - low + 2 * margin, about: 4)
    let lower = ((low - margin) / step).rounded(.down) * step
    let upper = ((high + margin) / step).rounded(.up) * step
    let bounded = Swift.max(lower, limits.lowerBound)...Swift.min(upper, limits.upperBound)
    return bounded.lowerBound < bounded.upperBound ? bounded : limits
  }

  /// A domain of sizes that leaves room on both sides on a logarithmic scale.
  static func logarithmicDomain(_ values: [Double]) -> ClosedRange<Double> {
    let positive = values.filter { $0 > 0 && $0.isFinite }
    let low = positive.min() ?? 1
    let high = positive.max() ?? 10
    let room = Swift.max(pow(high / low, 0.06), 1.25)
    return (low / room)...(high * room)
  }

  private static func step(for span: Double, about count: Int) -> Double {
    let raw = span / Double(Swift.max(count, 1))
    let power = pow(10, log10(raw).rounded(.down))
    let factor = [1.0, 2, 5, 10].first { $0 * power >= raw * 0.999 } ?? 10
    return factor * power
  }

  private static func linearTicks(_ domain: ClosedRange<Double>, about count: Int) -> [Double] {
    let span = domain.upperBound - domain.lowerBound
    let step = step(for: span, about: count)
    let first = (domain.lowerBound / step - 1e-9).rounded(.up)
    let last = (domain.upperBound / step + 1e-9).rounded(.down)
    guard last >= first, last - first < 1000 else { return [] }
    return stride(from: first, through: last, by: 1).map { $0 * step }
  }

  private static func logarithmicTicks(
    _ domain: ClosedRange<Double>, about count: Int
  ) -> [Double] {
    let powers =
      Int(
        log10(domain.lowerBound).rounded(.down))...Int(
        log10(domain.upperBound).rounded(.up))
    func inside(_ factors: [Double]) -> [Double] {
      powers.flatMap { power in factors.map { $0 * pow(10, Double(power)) } }
        .filter { domain.contains($0) }
    }
    let tens = inside([1])
    if tens.count > count {
      let every = (tens.count + count - 1) / count
      return tens.enumerated().filter { $0.offset % every == 0 }.map(\.element)
    }
    return [inside([1, 2, 5]), inside([1, 3])].first { $0.count <= count + 1 } ?? tens
  }
}
