/// The report of a compression for people: one HTML file that needs nothing else.
///
/// It holds no script and asks for nothing from elsewhere, and says so to the browser in a policy
/// of its own; its pictures are SVG. It follows the reader's choice of light or dark, fits a phone,
/// and prints. The document is also well-formed XML.
public struct HTMLReport: Sendable {
  /// The results that are shown.
  public let report: CompressReport

  public init(_ report: CompressReport) { self.report = report }

  /// The whole document.
  public func html() -> String {
    Self.document(title: "\(DisplayText.brief(report.model)): \(Headline(report))") {
      Markup("main") {
        header
        tiles
        Self.warnings(report.warnings)
        for section in sections.compactMap(\.self) { section }
      }
      footer
    }
  }

  /// A page of Pith, whatever it reports.
  static func document(title: String, @MarkupBuilder body: () -> Markup) -> String {
    let document = Markup("html", ["lang": "en"]) {
      Markup("head") { head(title) }
      Markup("body", content: body)
    }
    return "<!DOCTYPE html>\n" + document.text
  }

  private var sections: [Markup?] {
    [
      comparisonSection, historySection, layerSizeSection, layerTableSection, normSection,
      confusionSection, stepSection, reproductionSection, machineSection,
    ]
  }

  private static func head(_ title: String) -> Markup {
    .joined([
      Markup("meta", ["charset": "utf-8"]),
      Markup(
        "meta",
        [
          "http-equiv": "Content-Security-Policy",
          "content": "default-src 'none'; style-src 'unsafe-inline'",
        ]),
      Markup("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
      Markup("meta", ["name": "color-scheme", "content": "light dark"]),
      Markup("title") { title },
      Markup(style: StyleSheet.screen),
      Markup(style: StyleSheet.pictures),
      Markup(style: StyleSheet.paper),
    ])
  }

  private var footer: Markup {
    Markup("footer") {
      Markup("p") {
        """
        A size is the bytes of one file that holds everything needed to run the model; 1 MB is \
        1,000,000 bytes. A size ratio is against the ONNX file the compression started from. \
        Multiply-accumulates are those of Conv, Gemm and MatMul at batch 1. Latency is the \
        measured median at batch 1.
        """
      }
      Markup("p") { "Made by Pith \(report.version), \(Format.timestamp(report.created))." }
    }
  }

  /// A part of the page under its own heading.
  static func section(
    _ identifier: String, _ heading: String, @MarkupBuilder content: () -> Markup
  ) -> Markup {
    Markup("section", ["id": identifier, "aria-labelledby": "\(identifier)-heading"]) {
      Markup("h2", ["id": "\(identifier)-heading"]) { heading }
      content()
    }
  }

  /// A table that can be moved sideways where it is wider than the page.
  static func scrolling(_ label: String, @MarkupBuilder content: () -> Markup) -> Markup {
    Markup(
      "div", ["class": "scroll", "role": "region", "aria-label": label, "tabindex": "0"],
      content: content)
  }

  /// A picture in two widths, of which the page shows the one that fits.
  static func picture(
    _ identifier: String, title: String, description: String, draw: (Double) -> SVG?
  ) -> Markup? {
    guard let wide = draw(840), let narrow = draw(350) else { return nil }
    return .joined([
      wide.markup(
        identifier: identifier + "-wide", title: title, description: description, class: "wide"),
      narrow.markup(
        identifier: identifier + "-narrow", title: title, description: description,
        class: "narrow"),
    ])
  }
}
