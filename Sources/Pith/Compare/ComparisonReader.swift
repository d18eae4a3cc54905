public import Foundation
import PithCompression
import PithData
import Yams

extension ComparisonRecipe {
  /// Reads a file that tells what to compare; its relative paths start at its folder.
  public init(reading url: URL) throws {
    let bytes = try WholeFile.read(url)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw RecipeError(
        source: url.path, faults: [.init(line: nil, reason: "it is not text in UTF-8")])
    }
    try self.init(text, source: url.path, folder: url.deletingLastPathComponent())
  }

  /// Reads methods as the command line has them: `pruning, weight-sharing: {bits: 4}`.
  ///
  /// - Parameter training: settings of `fine-tune` in YAML: `{optimizer: adam}`.
  public init(methods: String, training: String? = nil) throws(RecipeError) {
    let lines = [training.map { "fine-tune: \($0)\n" }, "rows: [\(methods)]\n"]
    try self.init(lines.compactMap(\.self).joined(), source: "--methods")
  }

  /// Reads what to compare.
  ///
  /// - Parameters:
  ///   - source: what messages call it.
  ///   - folder: where relative paths start; nil for where the process runs.
  public init(_ text: String, source: String, folder: URL? = nil) throws(RecipeError) {
    let document = RecipeText(text, limit: 1 << 20)
    var reader = ComparisonReader(folder: folder, faults: document.faults)
    let recipe = document.faults.isEmpty ? reader.read(document.root) : nil
    guard reader.faults.isEmpty, let recipe else {
      throw RecipeError(
        source: source, faults: reader.faults.sorted { ($0.line ?? 0) < ($1.line ?? 0) })
    }
    self = recipe
  }
}

/// Reads YAML nodes into what is compared and collects all faults on the way.
private struct ComparisonReader {
  private var reader: RecipeReader
  /// Settings of `fine-tune` that steps have where they say nothing else.
  private var training: [(key: Node, value: Node)] = []

  private static let own: Set = ["fine-tune", "rows", "seeds"]
  private static let shared = ["augment", "data", "model", "preprocess", "seed", "validation"]

  init(folder: URL?, faults: [RecipeError.Fault]) {
    reader = RecipeReader(
      folder: folder, faults: faults, keys: Self.shared + Self.own.sorted(), elsewhere: Self.own)
  }

  var faults: [RecipeError.Fault] { reader.faults }

  /// Nil only where there are faults.
  mutating func read(_ root: Node?) -> ComparisonRecipe? {
    reader.read(root)
    guard case .mapping(let mapping)? = root else { return nil }
    do throws(SettingError) {
      var recipe = try ComparisonRecipe()
      recipe.base = reader.recipe
      recipe.seeds = seeds(mapping) ?? [reader.recipe.seed]
      try readTraining(mapping["fine-tune"], &recipe)
      readRows(mapping["rows"], root, &recipe)
      return recipe
    } catch {
      reader.blame(root, error.description)
      return nil
    }
  }

  private mutating func seeds(_ mapping: Node.Mapping) -> [UInt64]? {
    guard let node = mapping["seeds"] else { return nil }
    if mapping["seed"] != nil { reader.blame(node, "seed and seeds exclude each other") }
    guard case .list(let values)? = reader.value(node, "seeds", .list(.wholeNumber(0...Int.max)))
    else { return nil }
    let seeds = values.compactMap { value -> UInt64? in
      if case .wholeNumber(let seed) = value { UInt64(seed) } else { nil }
    }
    if seeds.isEmpty || Set(seeds).count != seeds.count || seeds.count > 100 {
      reader.blame(node, "seeds are 1 to 100 numbers, each of them once")
    }
    return seeds
  }

  private mutating func readTraining(_ node: Node?, _ recipe: inout ComparisonRecipe)
    throws(SettingError)
  {
    guard let node else { return }
    guard case .mapping(let mapping) = node else {
      reader.blame(node, "fine-tune is a mapping of its settings, such as {epochs: 2}")
      return
    }
    let before = reader.faults.count
    let steps = reader.steps([.init([(Node(FineTune.name), node)])])
    guard reader.faults.count == before, let step = steps.first else { return }
    recipe.training = step
    if mapping["epochs"] != nil { recipe.epochs = step.epochs }
    training = mapping.filter { $0.key.string != "epochs" }.map { ($0.key, $0.value) }
  }

  private mutating func readRows(
    _ node: Node?, _ root: Node?, _ recipe: inout ComparisonRecipe
  ) {
    guard case .sequence(let rows)? = node, !rows.isEmpty, rows.count <= 1000 else {
      reader.blame(
        node ?? root, "rows is a list of methods, such as '- pruning: {sparsity: 0.9}'")
      return
    }
    for row in rows { recipe.rows.append(read(row: row)) }
  }

  /// A method, a preset's name, or a mapping of a name and steps.
  private mutating func read(row: Node) -> ComparisonRecipe.Row {
    if let word = row.scalar?.string, let preset = presets.first(where: { $0.name == word }),
      let recipe = try? preset.recipe()
    {
      return .init(name: word, steps: recipe.steps)
    }
    guard case .mapping(let mapping) = row, let steps = mapping["steps"] else {
      return .init(steps: reader.steps([withTraining(row)]))
    }
    for (key, _) in mapping where key.string != "steps" && key.string != "name" {
      reader.blameUnknown(key, "key of a row", ["name", "steps"])
    }
    guard case .sequence(let sequence) = steps, !sequence.isEmpty else {
      reader.blame(steps, "steps is a list of methods, such as '- pruning: {sparsity: 0.9}'")
      return .init(steps: [])
    }
    var name = mapping["name"]?.scalar?.string
    if let node = mapping["name"], name?.isEmpty ?? true || name?.utf8.count ?? 0 > 200 {
      reader.blame(node, "a row's name is text of at most 200 bytes")
      name = nil
    }
    return .init(name: name, steps: reader.steps(sequence.map(withTraining)))
  }

  /// The step with the comparison's settings of training where it leaves them open.
  private func withTraining(_ step: Node) -> Node {
    let given: (key: Node, settings: Node.Mapping)
    switch step {
    case .scalar: given = (step, Node.Mapping([]))
    case .mapping(let mapping):
      guard mapping.count == 1, let (key, body) = mapping.first else { return step }
      switch body {
      case .mapping(let settings): given = (key, settings)
      case .scalar(let scalar) where scalar.string.isEmpty: given = (key, Node.Mapping([]))
      default: return step
      }
    default: return step
    }
    guard let method = methodCatalogue.first(where: { $0.name == given.key.string }) else {
      return step
    }
    let names = Set(method.settings.map(\.name))
    // Methods with an epochs setting train; others may have settings of the same words.
    guard names.contains("epochs") else { return step }
    var settings = given.settings
    for (key, value) in training {
      let isSchedule = key.string == "schedule" && names.contains(Self.learningRateSchedule)
      let key = isSchedule ? Node(Self.learningRateSchedule) : key
      guard let name = key.string, names.contains(name), settings[name] == nil else { continue }
      settings[key] = value
    }
    return .mapping(Node.Mapping([(given.key, .mapping(settings))]))
  }

  /// What `schedule` of fine-tuning is called by methods that have a schedule of their own.
  private static let learningRateSchedule = "learning-rate-schedule"
}
