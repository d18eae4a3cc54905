/// A picture made of lines, shapes and words, drawn into markup; units are pixels of its own size.
///
/// Colours come from classes of the page's style sheet, so that a picture follows light and dark.
public struct SVG: Sendable {
  public let width: Double
  public let height: Double
  private var parts: [Markup] = []

  public init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  /// Where a piece of text stands: at its start, its middle or its end.
  public enum Anchor: String, Sendable { case start, middle, end }

  public mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, class style: String
  ) {
    parts.append(
      Markup(
        "line",
        [
          "x1": Self.number(x1), "y1": Self.number(y1), "x2": Self.number(x2),
          "y2": Self.number(y2), "class": style,
        ]))
  }

  /// A rectangle; `hint` is shown where a pointer rests on it.
  public mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, radius: Double = 0, class style: String,
    hint: String? = nil
  ) {
    parts.append(
      Markup(
        "rect",
        [
          "x": Self.number(x), "y": Self.number(y), "width": Self.number(Swift.max(0, width)),
          "height": Self.number(Swift.max(0, height)),
          "rx": radius > 0 ? Self.number(radius) : nil, "class": style,
        ]
      ) { Self.title(hint) })
  }

  public mutating func circle(
    x: Double, y: Double, radius: Double, class style: String, hint: String? = nil
  ) {
    parts.append(
      Markup(
        "circle",
        [
          "cx": Self.number(x), "cy": Self.number(y), "r": Self.number(radius), "class": style,
        ]
      ) { Self.title(hint) })
  }

  /// A square that stands on a corner.
  public mutating func diamond(
    x: Double, y: Double, radius: Double, class style: String, hint: String? = nil
  ) {
    let corners = [(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)]
    parts.append(
      Markup("polygon", ["points": Self.points(corners), "class": style]) { Self.title(hint) })
  }

  public mutating func polyline(_ corners: [(Double, Double)], class style: String) {
    parts.append(Markup("polyline", ["points": Self.points(corners), "class": style]))
  }

  /// Words with their base line at `y`; `hint` is the full text where the words are shortened.
  public mutating func text(
    _ words: String, x: Double, y: Double, anchor: Anchor = .start, class style: String? = nil,
    hint: String? = nil
  ) {
    parts.append(
      Markup(
        "text",
        [
          "x": Self.number(x), "y": Self.number(y),
          "text-anchor": anchor == .start ? nil : anchor.rawValue, "class": style,
        ]
      ) {
        words
        Self.title(hint)
      })
  }

  /// The picture as an element with a name and a description for those who cannot see it;
  /// `identifier` must occur once in the document.
  public func markup(
    identifier: String, title: String, description: String, class style: String? = nil
  ) -> Markup {
    Markup(
      "svg",
      [
        "viewBox": "0 0 \(Self.number(width)) \(Self.number(height))", "role": "img",
        "width": Self.number(width), "height": Self.number(height), "class": style,
        "aria-labelledby": "\(identifier)-title \(identifier)-description",
      ]
    ) {
      Markup("title", ["id": "\(identifier)-title"]) { title }
      Markup("desc", ["id": "\(identifier)-description"]) { description }
      parts
    }
  }

  /// Width of words in the page's font, estimated.
  static func textWidth(_ words: String, size: Double = 13) -> Double {
    Double(DisplayText.width(words)) * size * 0.6
  }

  /// Words cut in their middle to fit a width.
  static func fitted(_ words: String, width: Double, size: Double = 13) -> String {
    DisplayText.shortened(DisplayText.visible(words), to: Swift.max(3, Int(width / size / 0.6)))
  }

  private static func title(_ hint: String?) -> Markup? {
    hint.map { words in Markup("title") { words } }
  }

  private static func points(_ corners: [(Double, Double)]) -> String {
    corners.map { "\(number($0)),\(number($1))" }.joined(separator: " ")
  }

  /// A coordinate with at most one decimal.
  private static func number(_ value: Double) -> String {
    guard value.isFinite else { return "0" }
    let rounded = (value * 10).rounded() / 10
    return rounded == rounded.rounded() ? Format.plain(rounded + 0) : "\(rounded)"
  }
}
