public import Testing

/// Expects each number to be within `absolute + relative * |expected|` of what is expected; equal
/// infinities and two NaNs are close. The message names the worst place.
public func expectClose(
  _ actual: [Float], _ expected: [Float], relative: Float = 1e-5, absolute: Float = 1e-6,
  _ what: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  guard actual.count == expected.count else {
    Issue.record(
      "\(what()): \(actual.count) numbers, expected \(expected.count)",
      sourceLocation: sourceLocation)
    return
  }
  var worst: (index: Int, excess: Float)?
  for (index, pair) in zip(actual, expected).enumerated() {
    let (a, b) = pair
    if a == b || (a.isNaN && b.isNaN) { continue }
    let difference = (a - b).magnitude / (absolute + relative * b.magnitude)
    let excess = difference.isNaN ? .infinity : difference
    if excess > worst?.excess ?? 1 { worst = (index, excess) }
  }
  guard let worst else { return }
  Issue.record(
    """
    \(what()): at \(worst.index) of \(actual.count): \(actual[worst.index]), expected \
    \(expected[worst.index]); \(worst.excess) times the tolerance
    """, sourceLocation: sourceLocation)
}
