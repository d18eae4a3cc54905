/// a + b x, the nearest to some points of all lines with a >= 0 and b >= 0: non-negative least
/// squares in two unknowns.
package struct NonNegativeLine: Sendable, Hashable {
  /// a
  package let constant: Double
  /// b
  package let slope: Double

  /// - Parameter points: of no negative x; their y may be any.
  package init(through points: [(x: Double, y: Double)]) {
    let count = Double(points.count)
    let x = points.reduce(0) { $0 + $1.x }
    let y = points.reduce(0) { $0 + $1.y }
    let xx = points.reduce(0) { $0 + $1.x * $1.x }
    let xy = points.reduce(0) { $0 + $1.x * $1.y }
    // Where the unbounded solution is not allowed the best one lies on one of the two bounds.
    var candidates = [(constant: 0.0, slope: xx > 0 ? max(xy / xx, 0) : 0)]
    if count > 0 { candidates.append((max(y / count, 0), 0)) }
    let determinant = count * xx - x * x
    if determinant > 1e-12 * count * xx {
      let slope = (count * xy - x * y) / determinant
      let constant = (y - slope * x) / count
      if slope >= 0, constant >= 0 { candidates.append((constant, slope)) }
    }
    let errors = candidates.map { line in
      points.reduce(0.0) { sum, point in
        let error = line.constant + line.slope * point.x - point.y
        return sum + error * error
      }
    }
    // Of equal lines the one that says that nothing gets faster.
    let best =
      candidates.indices.min {
        (errors[$0], candidates[$0].slope) < (errors[$1], candidates[$1].slope)
      } ?? 0
    (constant, slope) = candidates[best]
  }
}
