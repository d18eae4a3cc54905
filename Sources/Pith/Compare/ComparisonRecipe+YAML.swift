import PithCompression

extension ComparisonRecipe {
  /// What is compared in YAML with every setting written out.
  public var yaml: String {
    var lines = base.headLines
    lines.append("seeds: [\(seeds.map(String.init).joined(separator: ", "))]")
    lines.append("\(training.name):")
    lines += Recipe.settingLines(training, indent: 2)
    lines.append("rows:")
    for row in rows {
      lines.append("  - name: \(Recipe.quoted(row.name ?? row.label))")
      lines.append("    steps:")
      for step in row.steps { lines += Recipe.lines(step, indent: 6) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The recipe of one row with one seed.
  func recipe(_ steps: [Recipe.Step], seed: UInt64) -> Recipe {
    var recipe = base
    recipe.control = false
    recipe.target = Recipe.Target()
    (recipe.steps, recipe.seed) = (steps, seed)
    return recipe
  }
}

extension ComparisonRecipe.Row {
  /// The methods by their words.
  var label: String { steps.map(\.name).joined(separator: " + ") }
}
