/// min over beta of beta^T G beta / 2 - b^T beta + lambda |beta|_1, as lambda falls: with
/// G = X^T X / n and b = X^T y / n that is the least squares of y by columns of X under an L1
/// penalty (Tibshirani: Regression shrinkage and selection via the lasso, 1996).
///
/// Each lambda is solved by coordinate descent from where the last one ended.
package struct LassoPath {
  /// G, both triangles filled in.
  private let gram: SymmetricMatrix
  private let target: [Double]
  /// The largest change of a coefficient, relative to the largest of them, that ends the descent.
  private let tolerance: Double
  private static let mostSweeps = 2000
  /// The share of the first lambda at which the path ends.
  private static let end = 1e-5
  /// How nearly the lambda of an entry is found, as a quotient.
  private static let nearest = 1.01

  package init(gram: SymmetricMatrix, target: [Double], tolerance: Double = 1e-7) {
    self.gram = gram.mirrored
    self.target = target
    self.tolerance = tolerance
  }

  /// The lambda from which on downwards each coefficient is not zero; zero for those that stay so
  /// to the end of the path. The path is halved where coefficients enter, down to a hundredth.
  package func entries() -> [Double] {
    var entries = [Double](repeating: 0, count: target.count)
    guard let first = target.map(\.magnitude).max(), first > 0 else { return entries }
    var state = State(coefficients: [Double](repeating: 0, count: target.count), residual: target)
    var lambda = first
    while lambda > Self.end * first {
      follow(from: lambda, to: lambda / 2, &state, &entries)
      lambda /= 2
    }
    return entries
  }

  /// The coefficients for one lambda.
  package func coefficients(lambda: Double, from start: [Double]? = nil) -> [Double] {
    let coefficients = start ?? [Double](repeating: 0, count: target.count)
    var state = State(
      coefficients: coefficients,
      residual: zip(target, gram.times(coefficients)).map { $0 - $1 })
    descend(lambda, &state)
    return state.coefficients
  }

  private struct State {
    var coefficients: [Double]
    /// b - G beta.
    var residual: [Double]
  }

  private func follow(
    from high: Double, to low: Double, _ state: inout State, _ entries: inout [Double]
  ) {
    let start = state
    descend(low, &state)
    let new = target.indices.filter { state.coefficients[$0] != 0 && entries[$0] == 0 }
    guard !new.isEmpty, high > Self.nearest * low else {
      for index in new { entries[index] = low }
      return
    }
    let middle = (high * low).squareRoot()
    state = start
    follow(from: high, to: middle, &state, &entries)
    follow(from: middle, to: low, &state, &entries)
  }

  /// Each coefficient in turn to where the sum is least, the others being as they are, until none
  /// moves.
  private func descend(_ lambda: Double, _ state: inout State) {
    gram.elements.withUnsafeBufferPointer { gram in
      state.residual.withUnsafeMutableBufferPointer { residual in
        state.coefficients.withUnsafeMutableBufferPointer { coefficients in
          for _ in 0..<Self.mostSweeps {
            guard sweep(lambda, gram, coefficients, residual) else { return }
          }
        }
      }
    }
  }

  /// Moves each coefficient once; whether any moved by more than the tolerance.
  private func sweep(
    _ lambda: Double, _ gram: UnsafeBufferPointer<Double>,
    _ coefficients: UnsafeMutableBufferPointer<Double>,
    _ residual: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    let count = coefficients.count
    var (largest, change) = (0.0, 0.0)
    for index in 0..<count {
      let square = gram[index * count + index]
      guard square > 0 else { continue }
      let old = coefficients[index]
      let wanted = residual[index] + square * old
      let new = wanted.magnitude > lambda ? (wanted - (wanted > 0 ? lambda : -lambda)) / square : 0
      largest = max(largest, new.magnitude)
      guard new != old else { continue }
      change = max(change, (new - old).magnitude)
      coefficients[index] = new
      let row = gram[index * count..<(index + 1) * count]
      for (other, product) in row.enumerated() { residual[other] -= (new - old) * product }
    }
    return change > tolerance * largest
  }
}
