import PithCompression
import PithData
import Foundation

extension Recipe {
  /// The recipe in YAML with every setting written out, so that it means the same whatever later
  /// defaults are.
  public var yaml: String {
    var lines = headLines
    lines.append("seed: \(seed)")
    if control { lines.append("control: true") }
    if target != Target() {
      lines.append("target:")
      if let loss = target.accuracyLoss { lines.append("  accuracy-loss: \(loss)") }
      if let bytes = target.bytes { lines.append("  bytes: \(bytes)") }
    }
    lines.append("steps:")
    for step in steps { lines += Self.lines(step, indent: 2) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The model and its data.
  var headLines: [String] {
    var lines: [String] = []
    if let model { lines.append("model: \(Self.quoted(model.standardizedFileURL.path))") }
    if let data { lines.append("data: \(Self.quoted(data))") }
    if let preprocess { lines.append("preprocess: \(Self.mapping(preprocess))") }
    if let augment { lines.append("augment: \(augment.recipeText)") }
    if let validation { lines.append("validation: \(validation)") }
    return lines
  }

  /// A step of a list that stands so far from the margin.
  static func lines(_ step: Step, indent: Int) -> [String] {
    let margin = String(repeating: " ", count: indent)
    return ["\(margin)- \(step.name):"] + settingLines(step, indent: indent + 4)
  }

  /// The settings of a step, a line each.
  static func settingLines(_ step: Step, indent: Int) -> [String] {
    let margin = String(repeating: " ", count: indent)
    return step.values.resolved.map { "\(margin)\($0.name): \(text($0.value))" }
  }

  private static func text(_ value: SettingValue) -> String {
    switch value {
    case .word(let word): quoted(word)
    case .list(let values): "[" + values.map(text).joined(separator: ", ") + "]"
    case .mapping(let values):
      "{"
        + values.sorted { $0.key < $1.key }.map { "\(quoted($0.key)): \(text($0.value))" }
        .joined(separator: ", ") + "}"
    default: value.description
    }
  }

  private static func mapping(_ preprocessing: Preprocessing) -> String {
    var words = [
      "divisor: \(preprocessing.divisor)", "mean: \(preprocessing.mean)",
      "std: \(preprocessing.standardDeviation)",
    ]
    if let size = preprocessing.size { words.append("size: \(size)") }
    words += [
      "fit: \(preprocessing.fit.rawValue)", "crop: \(preprocessing.crop)",
      "channels: \(preprocessing.channels.rawValue)", "layout: \(preprocessing.layout.rawValue)",
    ]
    return "{" + words.joined(separator: ", ") + "}"
  }

  /// Text as a YAML scalar: plain where it can only be read as text, in quotes otherwise.
  static func quoted(_ text: String) -> String {
    let isPlain =
      text.first.map { $0.isLetter || $0 == "/" } ?? false
      && text.unicodeScalars.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_./:+".unicodeScalars.contains($0))
      } && !text.hasSuffix(":") && Double(text) == nil
      && !["true", "false", "null", "yes", "no", "on", "off"].contains(text.lowercased())
    if isPlain { return text }
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case let scalar where scalar.value < 32 || (0x7f...0x9f).contains(scalar.value):
        result += String(format: "\\x%02x", scalar.value)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
