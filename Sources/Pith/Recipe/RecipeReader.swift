public import Foundation
import PithCompression
import PithData
import Yams

extension Recipe {
  /// Reads a recipe file; its relative paths start at its folder.
  public init(reading url: URL) throws {
    let bytes = try WholeFile.read(url)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw RecipeError(
        source: url.path, faults: [.init(line: nil, reason: "it is not text in UTF-8")])
    }
    try self.init(text, source: url.path, folder: url.deletingLastPathComponent())
  }

  /// Reads a recipe.
  ///
  /// - Parameters:
  ///   - source: what messages call it.
  ///   - folder: where relative paths start; nil for where the process runs.
  public init(_ text: String, source: String, folder: URL? = nil) throws(RecipeError) {
    let document = RecipeText(text)
    var reader = RecipeReader(folder: folder, faults: document.faults)
    if document.faults.isEmpty { reader.read(document.root) }
    guard reader.faults.isEmpty else {
      throw RecipeError(
        source: source, faults: reader.faults.sorted { ($0.line ?? 0) < ($1.line ?? 0) })
    }
    self = reader.recipe
  }
}

/// Reads YAML nodes into a recipe and collects all faults on the way.
struct RecipeReader {
  let folder: URL?
  private(set) var recipe = Recipe()
  private(set) var faults: [RecipeError.Fault]
  /// The keys that there are.
  private let keys: [String]
  /// Those of them that someone else reads.
  private let elsewhere: Set<String>

  init(
    folder: URL?, faults: [RecipeError.Fault], keys: [String] = Self.recipeKeys,
    elsewhere: Set<String> = []
  ) {
    self.folder = folder
    self.faults = faults
    self.keys = keys
    self.elsewhere = elsewhere
  }

  private static let recipeKeys = [
    "augment", "control", "data", "model", "preprocess", "seed", "steps", "target", "validation",
  ]

  mutating func read(_ root: Node?) {
    guard let root, case .mapping(let mapping) = root else {
      let content = keys.contains("steps") ? "steps" : "rows"
      blame(root, "a recipe is a mapping, with the \(content) under '\(content):'")
      return
    }
    for (key, value) in mapping {
      guard let word = key.string, keys.contains(word) else {
        blameUnknown(key, "key", keys)
        continue
      }
      if !elsewhere.contains(word) { read(word, value) }
    }
    if keys.contains("steps"), recipe.steps.isEmpty, mapping["steps"] == nil {
      blame(root, "there are no 'steps:'")
    }
  }

  private mutating func read(_ word: String, _ node: Node) {
    switch word {
    case "model":
      recipe.model = text(node, word).map(url)
    case "data": recipe.data = text(node, word).flatMap { data($0, node) }
    case "preprocess": recipe.preprocess = preprocess(node)
    case "augment": recipe.augment = augment(node)
    case "control": if case .flag(let flag) = value(node, word, .flag) { recipe.control = flag }
    case "validation": recipe.validation = wholeNumber(node, word)
    case "seed": recipe.seed = wholeNumber(node, word).map(UInt64.init) ?? 1
    case "target": readTarget(node)
    default: readSteps(node)
    }
  }

  private mutating func readTarget(_ node: Node) {
    guard case .mapping(let mapping) = node else {
      blame(node, "target is a mapping of accuracy-loss and bytes")
      return
    }
    for (key, value) in mapping {
      switch key.string {
      case "accuracy-loss":
        if case .number(let loss) = self.value(value, "accuracy-loss", .number(0...1)) {
          recipe.target.accuracyLoss = loss
        }
      case "bytes":
        if case .wholeNumber(let bytes) = self.value(value, "bytes", .wholeNumber(1...Int.max)) {
          recipe.target.bytes = bytes
        }
      default: blameUnknown(key, "target", ["accuracy-loss", "bytes"])
      }
    }
  }

  private mutating func readSteps(_ node: Node) {
    guard case .sequence(let sequence) = node, !sequence.isEmpty else {
      blame(node, "steps is a list of methods, such as '- pruning: {sparsity: 0.9}'")
      return
    }
    for item in sequence { readStep(item) }
  }

  /// The steps that some nodes stand for, apart from those of the recipe.
  mutating func steps(_ nodes: [Node]) -> [Recipe.Step] {
    let own = recipe.steps
    recipe.steps = []
    for node in nodes { readStep(node) }
    defer { recipe.steps = own }
    return recipe.steps
  }

  private mutating func readStep(_ node: Node) {
    switch node {
    case .scalar(let scalar): addStep(scalar.string, node, [:])
    case .mapping(let mapping):
      guard mapping.count == 1, let (key, body) = mapping.first, let name = key.string else {
        blame(node, "a step is one method with its settings; begin each method with '- '")
        return
      }
      switch body {
      case .mapping(let settings): addStep(name, key, read(settings, of: name))
      case .scalar(let scalar) where scalar.string.isEmpty: addStep(name, key, [:])
      default: blame(body, "\(name) is followed by its settings, such as {name: value}")
      }
    default: blame(node, "a step is a method's name, with its settings if need be")
    }
  }

  /// The settings of a step that are fit to be used; the others become faults.
  private mutating func read(_ mapping: Node.Mapping, of name: String) -> [String: SettingValue] {
    guard let method = methodCatalogue.first(where: { $0.name == name }) else { return [:] }
    var given: [String: SettingValue] = [:]
    for (key, node) in mapping {
      guard let setting = method.settings.first(where: { $0.name == key.string }) else {
        blameUnknown(key, "setting of \(name)", method.settings.map(\.name))
        continue
      }
      given[setting.name] = value(node, "\(name): \(setting.name)", setting.kind)
    }
    return given
  }

  private mutating func addStep(_ name: String, _ node: Node, _ given: [String: SettingValue]) {
    guard let method = methodCatalogue.first(where: { $0.name == name }) else {
      blameUnknown(node, "method", methodCatalogue.map { $0.name })
      return
    }
    do throws(SettingError) {
      recipe.steps.append(try Recipe.Step(method, SettingValues(method.settings, given: given)))
    } catch {
      blame(node, "\(name): \(error)")
    }
  }

  // MARK: - Values

  mutating func value(_ node: Node, _ name: String, _ kind: Setting.Kind) -> SettingValue? {
    guard let value = node.settingValue else {
      blame(node, "\(name) has no value; expected \(kind)")
      return nil
    }
    do throws(SettingError) {
      return try Setting(name, kind, default: nil, help: "").checked(value)
    } catch {
      blame(node, error.description)
      return nil
    }
  }

  private mutating func wholeNumber(_ node: Node, _ name: String) -> Int? {
    if case .wholeNumber(let number) = value(node, name, .wholeNumber(0...Int.max)) {
      number
    } else {
      nil
    }
  }

  private mutating func text(_ node: Node, _ name: String) -> String? {
    guard let text = node.scalar?.string, !text.isEmpty, !text.utf8.contains(0) else {
      blame(node, "\(name) has no value; expected text")
      return nil
    }
    return text
  }

  private func url(_ path: String) -> URL {
    guard let folder, !path.hasPrefix("/") else { return URL(fileURLWithPath: path) }
    return folder.appendingPathComponent(path)
  }

  /// The data's specification with its path made absolute.
  private mutating func data(_ text: String, _ node: Node) -> String? {
    do throws(DataError) {
      let specification = try DataSpecification(text)
      return "\(specification.format):\(url(specification.path).standardizedFileURL.path)"
    } catch {
      blame(node, error.description)
      return nil
    }
  }

  private mutating func preprocess(_ node: Node) -> Preprocessing? {
    do throws(DataError) { return try Preprocessing(node: node) } catch {
      blame(node, error.description)
      return nil
    }
  }

  private mutating func augment(_ node: Node) -> Augmentation? {
    do throws(DataError) { return try Augmentation(node: node) } catch {
      blame(node, error.description)
      return nil
    }
  }

  // MARK: - Faults

  mutating func blame(_ node: Node?, _ reason: String) {
    faults.append(.init(line: node?.line, reason: reason))
  }

  mutating func blameUnknown(_ key: Node, _ kind: String, _ words: [String]) {
    let word = key.string ?? "?"
    let hint =
      nearestWord(to: word, in: words).map { "did you mean '\($0)'?" }
      ?? "there are \(words.joined(separator: ", "))"
    blame(key, "unknown \(kind) '\(word)'; \(hint)")
  }
}
