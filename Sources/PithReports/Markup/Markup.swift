/// A piece of a document, of HTML or SVG, that is also well-formed XML.
///
/// Text becomes markup only by being escaped, and elements only by `init(_:_:content:)`, whose
/// names are written in the program: what a file or a user says can never become an element.
///
///     Markup("p", ["class": "note"]) { "trained on \(data)" }
public struct Markup: Sendable, Hashable {
  /// The finished characters of the document.
  public let text: String

  fileprivate init(finished text: String) { self.text = text }

  /// Text, escaped; what could steer or reorder the document is made visible.
  public init(escaping text: String) {
    self.text = Self.escaped(text, inAttribute: false)
  }

  /// An element; attributes whose value is nil are left out.
  public init(
    _ name: StaticString, _ attributes: KeyValuePairs<String, String?> = [:],
    @MarkupBuilder content: () -> Markup = { .empty }
  ) {
    let inner = content().text
    var output = "<\(name)"
    for (attribute, value) in attributes {
      guard let value else { continue }
      output += " \(attribute)=\"\(Self.escaped(value, inAttribute: true))\""
    }
    let name = "\(name)"
    output += inner.isEmpty && Self.void.contains(name) ? "/>" : ">\(inner)</\(name)>"
    text = Self.blocks.contains(name) ? output + "\n" : output
  }

  /// The style sheet of a document.
  public init(style sheet: StaticString) { text = "<style>\n\(sheet)</style>\n" }

  public static let empty = Markup(finished: "")

  public static func joined(_ parts: [Markup]) -> Markup {
    Markup(finished: parts.map(\.text).joined())
  }

  /// Elements that are closed where they are opened when they are empty.
  private static let void: Set = [
    "br", "circle", "col", "hr", "line", "meta", "path", "polygon", "polyline", "rect",
  ]

  /// Elements after which a line ends, for whoever reads the source.
  private static let blocks: Set = [
    "body", "caption", "circle", "col", "colgroup", "dd", "div", "dl", "dt", "figcaption", "figure",
    "footer", "g", "h1", "h2", "h3", "head", "header", "html", "li", "line", "main", "meta", "nav",
    "ol", "p", "path", "pre", "rect", "section", "svg", "table", "tbody", "text", "thead", "title",
    "tr", "ul",
  ]

  private static func escaped(_ text: String, inAttribute: Bool) -> String {
    var output = ""
    output.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": output += "&amp;"
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      case "\"": output += "&quot;"
      case "'": output += "&#39;"
      case "\n" where inAttribute, "\t" where inAttribute: output += "&#\(scalar.value);"
      case "\r": output += "\n"
      default: output.unicodeScalars.append(DisplayText.isHarmful(scalar) ? "\u{fffd}" : scalar)
      }
    }
    return output
  }
}

/// Builds markup from a block: strings are escaped, elements stand one after the other.
@resultBuilder
public enum MarkupBuilder {
  public static func buildExpression(_ text: String) -> Markup { Markup(escaping: text) }
  public static func buildExpression(_ markup: Markup) -> Markup { markup }
  public static func buildExpression(_ markup: Markup?) -> Markup { markup ?? .empty }
  public static func buildExpression(_ parts: [Markup]) -> Markup { .joined(parts) }
  public static func buildBlock(_ parts: Markup...) -> Markup { .joined(parts) }
  public static func buildOptional(_ part: Markup?) -> Markup { part ?? .empty }
  public static func buildEither(first part: Markup) -> Markup { part }
  public static func buildEither(second part: Markup) -> Markup { part }
  public static func buildArray(_ parts: [Markup]) -> Markup { .joined(parts) }
}
