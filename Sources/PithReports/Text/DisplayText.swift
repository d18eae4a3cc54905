/// Text from files and users, made fit to be shown.
enum DisplayText {
  /// The text on one line, with what could steer a terminal or reorder a line made visible.
  static func visible(_ text: String) -> String {
    var output = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n", "\r", "\t", "\u{2028}", "\u{2029}": output.append(" ")
      default: output.append(isHarmful(scalar) ? "\u{fffd}" : scalar)
      }
    }
    return String(output)
  }

  /// Visible text of bounded length, so that one endless name does not push away all else.
  static func brief(_ text: String, limit: Int = 120) -> String {
    shortened(visible(text), to: limit)
  }

  /// Whether a scalar is a control, reorders text, or is forbidden in documents.
  static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0a, 0x0d: false
    case 0x00...0x1f, 0x7f...0x9f: true
    case 0x202a...0x202e, 0x2066...0x2069, 0x2028, 0x2029: true
    default: scalar.value & 0xfffe == 0xfffe
    }
  }

  /// Columns that text takes in a terminal: two for wide East Asian characters and pictures, none
  /// for marks that combine.
  static func width(_ text: String) -> Int {
    text.reduce(0) { $0 + width($1) }
  }

  private static func width(_ character: Character) -> Int {
    guard let first = character.unicodeScalars.first else { return 0 }
    if character.unicodeScalars.contains("\u{fe0f}") { return 2 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    switch first.value {
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff,
      0xfe30...0xfe4f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1faff, 0x20000...0x3fffd:
      return 2
    default: return 1
    }
  }

  /// The text with its middle left out where it is wider than `limit` columns.
  static func shortened(_ text: String, to limit: Int) -> String {
    guard width(text) > limit, limit > 1 else { return text }
    let tail = suffix(of: text, width: (limit - 1) / 2)
    let head = suffix(of: String(text.reversed()), width: limit - 1 - width(tail))
    return String(head.reversed()) + "…" + tail
  }

  private static func suffix(of text: String, width limit: Int) -> String {
    var (taken, total) = ([Character](), 0)
    for character in text.reversed() {
      total += width(character)
      if total > limit { break }
      taken.append(character)
    }
    return String(taken.reversed())
  }
}
