public import PithCompression

/// Methods to be compared on one model, and what they share: data, seeds, and training.
public struct ComparisonRecipe: Sendable {
  /// Model, data, preprocessing, augmentation and validation; its steps and seed mean nothing.
  public var base = Recipe()
  /// Each row runs once with each.
  public var seeds: [UInt64] = [1]
  /// How the control is trained, and rows where they say nothing else.
  public var training: Recipe.Step
  /// Passes over the training data that each row has, and the control; nil for as many as the row
  /// that asks for most.
  public var epochs: Int?
  public var rows: [Row] = []

  /// One of the things that are compared.
  public struct Row: Sendable {
    /// Nil for the words of its methods.
    public var name: String?
    public var steps: [Recipe.Step]

    public init(name: String? = nil, steps: [Recipe.Step]) {
      self.name = name
      self.steps = steps
    }
  }

  public init() throws(SettingError) {
    training = try Recipe.Step(FineTune.self, SettingValues(FineTune.settings))
  }

  /// The recipe with a name for each row and the same number of epochs in each: these are shared
  /// among a row's steps in proportion to what they ask for, and a row of which no step trains is
  /// trained first, as the control is. Resolving twice changes nothing.
  public func resolved() throws(SettingError) -> ComparisonRecipe {
    var result = self
    let asked = rows.map { $0.steps.reduce(0) { $0 + ($1.epochs ?? 0) } }.max() ?? 0
    let usual = asked > 0 ? asked : training.epochs ?? 0
    let epochs = epochs ?? (base.data == nil ? 0 : usual)
    result.epochs = epochs
    result.training = try training.setting("epochs", to: .wholeNumber(epochs))
    let names = rowNames
    for index in rows.indices {
      result.rows[index].name = names[index]
      result.rows[index].steps = try Self.sharing(
        epochs, among: rows[index].steps, training: result.training)
    }
    return result
  }

  private static func sharing(
    _ epochs: Int, among steps: [Recipe.Step], training: Recipe.Step
  ) throws(SettingError) -> [Recipe.Step] {
    var steps = steps
    if epochs > 0, !steps.contains(where: { $0.epochs != nil }) { steps.insert(training, at: 0) }
    let own = steps.map(\.epochs)
    guard let last = own.lastIndex(where: { $0 != nil }) else { return steps }
    var weights = own.map { Double($0 ?? 0) }
    if weights.allSatisfy({ $0 == 0 }) { weights[last] = 1 }
    // Rounded sums, so that the parts add up to the whole.
    let total = weights.reduce(0, +)
    var (reached, given) = (0.0, 0)
    for index in steps.indices where own[index] != nil {
      reached += weights[index]
      let sum = Int((Double(epochs) * reached / total).rounded())
      steps[index] = try steps[index].training(for: sum - given)
      given = sum
    }
    return steps
  }

  /// The given names, or the methods with the settings in which rows of the same methods differ.
  private var rowNames: [String] {
    let words = rows.map { row in row.steps.map(\.name).joined(separator: " + ") }
    var names = zip(rows, words).map { row, word in
      if let name = row.name { return name }
      let alike = zip(rows, words).filter { $0.0.name == nil && $0.1 == word }.map(\.0)
      let differing = alike.count > 1 ? row.settings(differingAmong: alike) : []
      return differing.isEmpty ? word : "\(word) (\(differing.joined(separator: ", ")))"
    }
    for index in names.indices {
      let same = names[..<index].count { $0 == names[index] }
      if same > 0 { names[index] += " #\(same + 1)" }
    }
    return names
  }
}

extension ComparisonRecipe.Row {
  /// The settings that are not the same in all rows, which have the same methods.
  fileprivate func settings(differingAmong rows: [Self]) -> [String] {
    steps.enumerated().flatMap { index, step in
      step.values.settings.compactMap { setting -> String? in
        let values = Set(rows.map { $0.steps[index].values[setting.name] })
        guard values.count > 1, setting.name != "epochs" else { return nil }
        return "\(setting.name): \(step.values[setting.name]?.description ?? "none")"
      }
    }
  }
}

extension Recipe.Step {
  /// All passes over the training data; nil for a method that never trains.
  var epochs: Int? {
    guard values.settings.contains(where: { $0.name == "epochs" }) else { return nil }
    return ((try? values.wholeNumber("epochs")) ?? 0) + (values.furtherEpochs?.count ?? 0)
  }

  /// The step with so many passes in all, those beside `epochs` in the proportion that it asks for.
  fileprivate func training(for total: Int) throws(SettingError) -> Recipe.Step {
    guard let further = values.furtherEpochs, let asked = epochs, further.count > 0 else {
      return try setting("epochs", to: .wholeNumber(total))
    }
    let count = total * further.count / asked
    return try setting(further.name, to: .wholeNumber(count))
      .setting("epochs", to: .wholeNumber(total - count))
  }
}
