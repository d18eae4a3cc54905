/// A JSON document whose objects keep the order of their members.
enum JSONTree: Equatable {
  /// `null`, `true`, `false` or a number, as it is written.
  case literal(String)
  case string(String)
  case array([JSONTree])
  case object([Member])

  struct Member: Equatable {
    var name: String
    var value: JSONTree
  }

  static let null = JSONTree.literal("null")

  /// The document on one line.
  var compact: String {
    switch self {
    case .literal(let text): text
    case .string(let text): Self.quoted(text)
    case .array(let elements): "[" + elements.map(\.compact).joined(separator: ", ") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0.name) + ": " + $0.value.compact }.joined(separator: ", ")
        + "}"
    }
  }

  /// The document over several lines; whatever fits on a line stays on it.
  var pretty: String {
    var output = ""
    write(to: &output, indentation: 0, column: 0, isRoot: true)
    return output + "\n"
  }

  private static let lineLength = 100

  private func write(to output: inout String, indentation: Int, column: Int, isRoot: Bool) {
    let line = compact
    if !isRoot, column + line.count < Self.lineLength {
      output += line
      return
    }
    let inner = String(repeating: " ", count: indentation + 2)
    let outer = String(repeating: " ", count: indentation)
    switch self {
    case .array(let elements) where elements.allSatisfy(\.isLiteral):
      output += "[\n" + Self.filled(elements.map(\.compact), indentation: inner) + "\n\(outer)]"
    case .array(let elements):
      output += "[\n"
      for (index, element) in elements.enumerated() {
        output += inner
        element.write(
          to: &output, indentation: indentation + 2, column: inner.count, isRoot: false)
        output += index + 1 < elements.count ? ",\n" : "\n"
      }
      output += outer + "]"
    case .object(let members):
      output += "{\n"
      for (index, member) in members.enumerated() {
        let label = inner + Self.quoted(member.name) + ": "
        output += label
        member.value.write(
          to: &output, indentation: indentation + 2, column: label.count, isRoot: false)
        output += index + 1 < members.count ? ",\n" : "\n"
      }
      output += outer + "}"
    case .literal, .string:
      output += line
    }
  }

  private var isLiteral: Bool {
    if case .literal = self { true } else { false }
  }

  /// Short words set one after the other, broken where a line is full.
  private static func filled(_ words: [String], indentation: String) -> String {
    var lines: [String] = []
    var line = indentation
    for (index, word) in words.enumerated() {
      let piece = index + 1 < words.count ? word + "," : word
      if line.count + piece.count + 1 > lineLength, line.count > indentation.count {
        lines.append(line)
        line = indentation
      }
      line += line.count == indentation.count ? piece : " " + piece
    }
    return (lines + [line]).joined(separator: "\n")
  }

  private static func quoted(_ text: String) -> String {
    var output = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\""
      case "\\": output += "\\\\"
      case "\n": output += "\\n"
      case "\r": output += "\\r"
      case "\t": output += "\\t"
      case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output + "\""
  }
}
