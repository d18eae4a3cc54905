import PithCompression
import Yams

/// Turns a recipe's text into YAML nodes, refusing what no recipe needs and what could take much
/// time or memory: large files, anchors and aliases (which can grow without bound).
struct RecipeText {
  static let limit = 64 << 10

  let root: Node?
  let faults: [RecipeError.Fault]

  init(_ text: String, limit: Int = Self.limit) {
    guard text.utf8.count <= limit else {
      root = nil
      faults = [.init(line: nil, reason: "it is larger than \(limit) bytes")]
      return
    }
    let references = Self.references(in: text)
    guard references.isEmpty else {
      root = nil
      faults = references.map {
        .init(
          line: $0,
          reason: "anchors (&) and aliases (*) are not allowed; put text that has them in quotes")
      }
      return
    }
    do {
      root = try Parser(yaml: text).singleRoot()
      faults = []
    } catch {
      root = nil
      faults = [Self.fault(error)]
    }
  }

  /// The lines on which an anchor or alias stands, or text that could be one wherever it stands.
  ///
  /// Looks at the text alone, because the parser would follow what it finds; a `&` or `*` right
  /// after a quotation mark is text.
  private static func references(in text: String) -> [Int] {
    let bytes = Array(text.utf8)
    var (line, lines) = (1, [Int]())
    for (place, byte) in bytes.enumerated() {
      if byte == UInt8(ascii: "\n") { line += 1 }
      guard byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*"), lines.last != line else {
        continue
      }
      let isStart = place == 0 || " \t\r\n[]{},:".utf8.contains(bytes[place - 1])
      let isNamed = place + 1 < bytes.count && Self.isNameByte(bytes[place + 1])
      if isStart, isNamed { lines.append(line) }
    }
    return lines
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  private static func fault(_ error: any Error) -> RecipeError.Fault {
    switch error as? YamlError {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let text = [context?.text, problem].compactMap(\.self).joined(separator: ": ")
      return .init(line: mark.line, reason: "this is not YAML: \(text)")
    case .reader(let problem, _, _, _): return .init(line: nil, reason: "not YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, let context):
      let names = keys.map { "'\($0)'" }.joined(separator: ", ")
      return .init(line: context.mark.line, reason: "\(names) stands there twice")
    default: return .init(line: nil, reason: "this is not YAML: \(error)")
    }
  }
}

extension Node {
  /// Counted from 1.
  var line: Int? { mark?.line }

  /// The scalar as a setting's value: text in quotes is a word, `true` and `false` are flags, what
  /// reads as a number is one. Nil for nothing.
  var settingValue: SettingValue? {
    switch self {
    case .scalar(let scalar):
      let text = scalar.string
      guard scalar.style == .plain || scalar.style == .any else { return .word(text) }
      switch text {
      case "", "~", "null": return nil
      case "true": return .flag(true)
      case "false": return .flag(false)
      default: break
      }
      if let number = Int(text) { return .wholeNumber(number) }
      if let number = Double(text), number.isFinite { return .number(number) }
      return .word(text)
    case .sequence(let nodes):
      let values = nodes.map(\.settingValue)
      return values.contains(nil) ? nil : .list(values.compactMap(\.self))
    case .mapping(let mapping):
      var values: [String: SettingValue] = [:]
      for (key, node) in mapping {
        guard let name = key.string, let value = node.settingValue else { return nil }
        values[name] = value
      }
      return .mapping(values)
    case .alias: return nil
    }
  }
}
