#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// `a0 - a1 cos(2 pi n / N) + a2 cos(4 pi n / N)`, N being `count` or, not periodic, one less.
public func cosineWindow(
  _ count: Int, isPeriodic: Bool, coefficients: (Double, Double, Double)
) -> [Double] {
  let period = isPeriodic ? count : count - 1
  guard period > 0 else { return [Double](repeating: 1, count: count) }
  return (0..<count).map { index in
    let angle = 2 * Double.pi * Double(index) / Double(period)
    return coefficients.0 - coefficients.1 * cos(angle) + coefficients.2 * cos(2 * angle)
  }
}
