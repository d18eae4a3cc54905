import PithCompression
public import PithReports

/// What a comparison would do, without doing it.
public struct ComparisonPlan: Report {
  public var model: String
  public var data: String?
  public var seeds: [UInt64]
  /// Passes over the training data of each row.
  public var epochs: Int
  /// Names of the rows.
  public var rows: [String]
  /// Everything resolved, in YAML.
  public var recipe: String
}

extension ComparisonRecipe {
  /// Looks at the model alone; opens no data and writes nothing.
  public func plan() throws -> ComparisonPlan {
    guard let url = base.model else {
      throw PithError.option("model", reason: "neither the command nor the recipe names a model")
    }
    let model = try Model(reading: url)
    let resolved = try resolved()
    return ComparisonPlan(
      model: model.name, data: base.data, seeds: seeds, epochs: resolved.epochs ?? 0,
      rows: resolved.rows.map { $0.name ?? $0.label }, recipe: resolved.yaml)
  }
}
