import PithGraph
import PithTensors

/// A layer as a quadratic problem: what its weights W (a row per filter) give for the samples
/// changes, when they become V, by E = sum over filters of (w - v)^T H (w - v) / 2.
struct LayerReconstruction {
  let layer: PrunableLayer
  /// One matrix for each group, made positive definite.
  private let hessians: [SymmetricMatrix]
  /// By group, the inputs that were zero in every sample: their weights say nothing.
  private let dead: [[Bool]]

  /// Share of the mean of the diagonal that is added to it, so that it can be inverted.
  private static let damping = 1e-7

  init(_ layer: PrunableLayer, _ hessians: [SymmetricMatrix]) {
    self.layer = layer
    var dead: [[Bool]] = []
    self.hessians = hessians.map { hessian in
      var result = hessian
      let diagonal = (0..<hessian.order).map { hessian[$0, $0] }
      dead.append(diagonal.map { $0 <= 0 })
      let mean = diagonal.reduce(0, +) / Double(max(hessian.order, 1))
      for place in 0..<hessian.order {
        result[place, place] = diagonal[place] <= 0 ? 1 : diagonal[place] + Self.damping * mean
      }
      return result
    }
    self.dead = dead
  }

  private var filtersOfGroup: Int { layer.layout.filters / max(layer.layout.groups, 1) }

  /// A filter's weights, zero where the input is dead.
  private func row(_ filter: Int, _ weights: [Float]) -> [Double] {
    let isDead = dead[filter / filtersOfGroup]
    return zip(layer.layout.indices(filter: filter), isDead).map { index, isDead in
      isDead ? 0 : Double(weights[index])
    }
  }

  /// Half of what the whole layer gives, squared and summed: the error of removing all of it.
  func energy(_ weights: [Float]) -> Double {
    (0..<layer.layout.filters).reduce(0) { sum, filter in
      let row = row(filter, weights)
      let product = hessians[filter / filtersOfGroup].times(row)
      return sum + zip(row, product).reduce(0) { $0 + $1.0 * $1.1 } / 2
    }
  }

  /// The inverse of each group's matrix, damped more where it takes that.
  private func inverses() throws -> [SymmetricMatrix] {
    try hessians.map { hessian in
      var (matrix, share) = (hessian, 1e-4)
      let mean = (0..<hessian.order).reduce(0) { $0 + hessian[$1, $1] } / Double(hessian.order)
      while share < 2 {
        if let inverse = matrix.inverse() { return inverse }
        for place in 0..<hessian.order { matrix[place, place] += share * mean }
        share *= 10
      }
      throw CompressionError.notFinite(layer: layer.name)
    }
  }

  /// What each weight's removal costs when the others of its filter make up for it, as a share of
  /// the layer's energy: w_p^2 / (2 [H^-1]_pp).
  func losses(_ weights: [Float]) throws -> [Float] {
    let inverses = try inverses()
    let scale = 1 / max(energy(weights), .leastNormalMagnitude)
    var result = [Float](repeating: 0, count: weights.count)
    for filter in 0..<layer.layout.filters {
      let inverse = inverses[filter / filtersOfGroup]
      let row = row(filter, weights)
      for (place, index) in layer.layout.indices(filter: filter).enumerated() {
        result[index] = Float(row[place] * row[place] / (2 * inverse[place, place]) * scale)
      }
    }
    return result
  }

  /// The same when weights go one after the other: what a filter loses at each of its removals,
  /// given those before. A weight's score is never below that of one that must go before it, so
  /// that any number of smallest scores leaves each filter at a point of its own sequence.
  func lossesInTurn(_ weights: [Float]) throws -> [Float] {
    let inverses = try inverses()
    let scale = 1 / max(energy(weights), .leastNormalMagnitude)
    var result = [Float](repeating: 0, count: weights.count)
    for (group, inverse) in inverses.enumerated() {
      let filters = group * filtersOfGroup..<(group + 1) * filtersOfGroup
      let rows = filters.flatMap { row($0, weights) }
      guard let removals = inverse.removals(rows: rows) else {
        throw CompressionError.memory(layer: layer.name)
      }
      for (row, filter) in filters.enumerated() {
        let indices = layer.layout.indices(filter: filter)
        var last = Float(0)
        for (place, loss) in removals[row] {
          let score = Float(min(loss * scale, Double(Float.greatestFiniteMagnitude) / 2))
          // Equal scores would let a later removal stand before an earlier one.
          last = max(score, last == 0 ? 0 : last.nextUp)
          result[indices[place]] = last
        }
      }
    }
    return result
  }

  /// The weights that are kept, moved to where the layer gives as nearly as possible what it gave:
  /// for each filter the x of H_kk x = (H w)_k, k being the places it keeps.
  func refitted(_ weights: [Float], _ mask: [Float]) -> [Float] {
    var result = zip(weights, mask).map { $1 == 0 ? 0 : $0 }
    for filter in 0..<layer.layout.filters {
      let indices = layer.layout.indices(filter: filter)
      let kept = indices.indices.filter { mask[indices[$0]] != 0 }
      guard kept.count < indices.count, !kept.isEmpty else { continue }
      let hessian = hessians[filter / filtersOfGroup]
      let product = hessian.times(row(filter, weights))
      guard let solution = hessian.solution(at: kept, kept.map { product[$0] }) else { continue }
      for (place, value) in zip(kept, solution) where value.isFinite {
        result[indices[place]] = Float(value)
      }
    }
    return result
  }
}
