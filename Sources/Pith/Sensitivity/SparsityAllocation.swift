public import Foundation
import PithCompression
public import PithReports

extension SensitivityReport {
  /// The share of each layer to prune so that together they lose the given share of all weights,
  /// and the sum of the divergences that each layer causes alone is least.
  ///
  /// Between two ratios divergence is taken as linear, and what lies above the lower convex hull of
  /// a layer's points is left out; then the flattest pieces of all hulls, by divergence per weight,
  /// are taken first, which is optimal. That layers do harm independently of each other is an
  /// assumption.
  ///
  /// - Throws: `PithError.option` where the largest measured ratios are not enough.
  public func sparsities(total: Double) throws(PithError) -> [(name: String, sparsity: Double)] {
    guard kind == .weights else {
      throw .option("sparsity", reason: "it is for weights; this study removed channels")
    }
    guard (0...1).contains(total) else { throw .option("sparsity", reason: "it is from 0 to 1") }
    var pieces: [(slope: Double, layer: Int, width: Double)] = []
    for (index, layer) in layers.enumerated() where layer.parameters > 0 {
      let hull = layer.hull
      for (start, end) in zip(hull, hull.dropFirst()) {
        let width = end.ratio - start.ratio
        let weights = width * Double(layer.parameters)
        pieces.append(((end.divergence - start.divergence) / weights, index, width))
      }
    }
    // Slopes rise along a hull, and equal ones keep their order.
    pieces.sort { ($0.slope, $0.layer) < ($1.slope, $1.layer) }
    let weights = layers.reduce(0.0) { $0 + Double($1.parameters) }
    var (left, found) = (total * weights, [Double](repeating: 0, count: layers.count))
    for piece in pieces where left > 0 {
      let parameters = Double(layers[piece.layer].parameters)
      let width = min(piece.width, left / parameters)
      found[piece.layer] += width
      left -= width * parameters
    }
    guard left <= 1e-9 * max(weights, 1) else {
      let most = found.indices.reduce(0) { $0 + found[$1] * Double(layers[$1].parameters) }
      throw .option(
        "sparsity",
        reason: "\(Format.percent(total)) is more than the ratios that were measured allow, "
          + "\(Format.percent(most / max(weights, 1))); measure larger ones with --ratios")
    }
    return zip(layers, found).map { ($0.name, min(($1 * 10_000).rounded() / 10_000, 0.9999)) }
  }

  /// A recipe that prunes each layer by its share, with training, and packs the result.
  public func recipe(sparsity: Double, model: URL?, data: String?) throws -> Recipe {
    var shares: [String: PithCompression.SettingValue] = [:]
    for (name, share) in try sparsities(total: sparsity) { shares[name] = .number(share) }
    let pruning = try SettingValues(
      Pruning.settings,
      given: [
        "sparsity": .number(min(sparsity, 0.9999)), "criterion": .word(criterion),
        "scope": .word("local"), "layers": .mapping(shares),
      ])
    var recipe = Recipe()
    recipe.model = model
    recipe.data = data
    recipe.seed = seed
    recipe.steps = [
      try Recipe.Step(Pruning.self, pruning),
      try Recipe.Step(EntropyCoding.self, SettingValues(EntropyCoding.settings)),
    ]
    return recipe
  }
}

extension SensitivityReport.Layer {
  /// The lower convex hull of divergence over ratio, from nothing pruned on.
  fileprivate var hull: [(ratio: Double, divergence: Double)] {
    var hull: [(ratio: Double, divergence: Double)] = [(0, 0)]
    let sorted = points.filter { $0.divergence.isFinite }.sorted { $0.ratio < $1.ratio }
    for point in sorted {
      while hull.count > 1, let last = hull.last {
        let before = hull[hull.count - 2]
        let slope = (last.divergence - before.divergence) / (last.ratio - before.ratio)
        let next = (point.divergence - last.divergence) / (point.ratio - last.ratio)
        guard next <= slope else { break }
        hull.removeLast()
      }
      hull.append((point.ratio, point.divergence))
    }
    return hull
  }
}
