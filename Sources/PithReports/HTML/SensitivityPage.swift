/// The report of a study of sensitivity for people: one HTML file that needs nothing else.
public struct SensitivityPage: Sendable {
  public let report: SensitivityReport

  /// Curves that carry names.
  private static let named = 8

  public init(_ report: SensitivityReport) { self.report = report }

  /// The whole document.
  public func html() -> String {
    HTMLReport.document(title: "\(DisplayText.brief(report.model)): sensitivity") {
      Markup("main") {
        header
        HTMLReport.warnings(report.warnings)
        curveSection
        tableSection
      }
      Markup("footer") {
        Markup("p") { "Made by Pith \(report.version), \(Format.timestamp(report.created))." }
      }
    }
  }

  private var header: Markup {
    Markup("header") {
      Markup("p", ["class": "brand"]) {
        HTMLReport.mark
        "Pith sensitivity"
      }
      Markup("h1") { DisplayText.brief(report.model) }
      Markup("p", ["class": "headline"]) {
        "What is left of the network when one \(unit) alone is pruned, without training."
      }
      Markup("p", ["class": "facts"]) {
        [
          Format.timestamp(report.created), DisplayText.brief(report.data),
          "\(Format.exact(report.samples)) samples",
          "criterion \(DisplayText.brief(report.criterion))",
          report.isFinished
            ? "took \(Format.duration(report.seconds))"
            : "not finished: \(report.layers.count) layers so far",
        ].joined(separator: " · ")
      }
    }
  }

  private var unit: String { report.kind == .channels ? "group of channels" : "layer" }

  private var measure: String {
    switch report.divergence {
    case .kullbackLeibler: "divergence of the classes' probabilities, nats"
    case .relative: "relative difference of the outputs"
    }
  }

  // MARK: - Curves

  private var curveSection: Markup {
    HTMLReport.section("curves", "Curves") {
      if report.top1 != nil {
        picture("accuracy", "top-1 accuracy", start: report.top1, isFraction: true, \.top1)
      }
      picture("divergence", measure, start: 0, isFraction: false) { $0.divergence }
      Markup("p", ["class": "note"]) {
        "The \(min(Self.named, report.layers.count)) curves with names are those that change most."
      }
    }
  }

  private func picture(
    _ identifier: String, _ title: String, start: Double?, isFraction: Bool,
    _ value: (SensitivityReport.Point) -> Double?
  ) -> Markup? {
    let worst = report.layers.indices.sorted { harm(of: $0) > harm(of: $1) }.prefix(Self.named)
    let curves = report.layers.enumerated().compactMap { index, layer -> CurveChart.Curve? in
      let points = layer.points.compactMap { point in
        value(point).map { CurveChart.Point(ratio: point.reached, value: $0) }
      }
      guard !points.isEmpty else { return nil }
      return CurveChart.Curve(
        label: DisplayText.brief(layer.name),
        points: (start.map { [CurveChart.Point(ratio: 0, value: $0)] } ?? []) + points,
        isNamed: worst.contains(index))
    }
    let chart = CurveChart(curves: curves, title: title, isFraction: isFraction)
    return HTMLReport.picture(
      "\(identifier)-picture", title: "\(title) by pruned share",
      description: "\(curves.count) curves; the figures are in the table",
      draw: { chart.draw(width: $0, height: $0 < 500 ? 260 : 340) }
    ).map { picture in Markup("figure") { picture } }
  }

  /// Mean divergence of a layer.
  private func harm(of index: Int) -> Double {
    let points = report.layers[index].points.map(\.divergence).filter(\.isFinite)
    return points.reduce(0, +) / Double(max(points.count, 1))
  }

  // MARK: - Table

  private var tableSection: Markup {
    let table = SensitivityTable(report)
    return HTMLReport.section("layers", table.isAccuracy ? "Top-1 accuracy left" : "Divergence") {
      HTMLReport.scrolling("Layers and ratios") {
        Markup("table", ["class": "heat"]) {
          Markup("thead") {
            Markup("tr") {
              Markup("th", ["scope": "col", "class": "corner"]) { unit }
              Markup("th", ["scope": "col"]) {
                report.kind == .channels ? "size" : "weights"
              }
              for heading in table.headings { Markup("th", ["scope": "col"]) { heading } }
              if table.isAccuracy { Markup("th", ["scope": "col"]) { "−1 pp at" } }
            }
          }
          Markup("tbody") {
            for row in table.rows { tableRow(row, isAccuracy: table.isAccuracy) }
          }
        }
      }
      Markup("p", ["class": "note"]) { note(isAccuracy: table.isAccuracy) }
    }
  }

  private func tableRow(_ row: SensitivityTable.Row, isAccuracy: Bool) -> Markup {
    Markup("tr") {
      Markup("th", ["scope": "row", "title": DisplayText.brief(row.name)]) {
        DisplayText.shortened(DisplayText.visible(row.name), to: 36)
      }
      Markup("td", ["class": "none"]) { row.size }
      for cell in row.cells {
        let heat = Int((cell.harm.squareRoot() * 100).rounded())
        Markup(
          "td", ["class": heat > 3 ? "wrong" : "right", "style": "--heat:\(heat)%"]
        ) { cell.text }
      }
      if row.cells.isEmpty {
        Markup("td", ["class": "none", "colspan": "\(max(report.ratios.count, 1))"]) {
          DisplayText.brief(row.reason ?? "not measured")
        }
      }
      if isAccuracy { Markup("td", ["class": "sum"]) { row.tolerated } }
    }
  }

  private func note(isAccuracy: Bool) -> String {
    guard isAccuracy, let top1 = report.top1 else {
      return "Labels were not used: \(measure), against the given network."
    }
    return
      "The given network has \(Format.percent(top1)) of the same samples. The last column is the "
      + "largest share up to which at most one percentage point is lost."
  }
}
