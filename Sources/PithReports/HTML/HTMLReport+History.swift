extension HTMLReport {
  /// Accuracy against size, step by step, as a picture and as a table.
  var historySection: Markup? {
    let points = report.points
    guard points.count > 1 else { return nil }
    let isMeasured = points.contains { $0.top1 != nil }
    return Self.section("history", isMeasured ? "Accuracy against size" : "Size per step") {
      if let picture = historyPicture(points) { Markup("figure") { picture } }
      Self.scrolling("Accuracy and size of each step") {
        Markup("table", ["class": "points"]) {
          Markup("thead") {
            Markup("tr") {
              Markup("th", ["scope": "col", "class": "index"]) { "step" }
              Markup("th", ["scope": "col"]) { "what" }
              Markup("th", ["scope": "col", "class": "number"]) { "file" }
              if isMeasured { Markup("th", ["scope": "col", "class": "number"]) { "top-1" } }
              Markup("th", ["scope": "col", "class": "number share"]) { "of the original" }
            }
          }
          Markup("tbody") {
            for (index, point) in points.enumerated() {
              row(index, point, isMeasured: isMeasured)
            }
          }
        }
      }
    }
  }

  private func row(_ index: Int, _ point: HistoryPoint, isMeasured: Bool) -> Markup {
    let share = report.baseline.onnxBytes.flatMap { original in
      original > 0 ? Double(point.bytes) / Double(original) : nil
    }
    return Markup("tr") {
      Markup("td", ["class": "index"]) { "\(index)" }
      Markup("th", ["scope": "row"]) { DisplayText.brief(point.label) }
      Markup("td", ["class": "number"]) { Format.bytes(point.bytes) }
      if isMeasured { Markup("td", ["class": "number"]) { Format.percent(point.top1) } }
      Markup("td", ["class": "number share"]) { Format.percent(share, decimals: 1) }
    }
  }

  private func historyPicture(_ points: [HistoryPoint]) -> Markup? {
    let measured = points.compactMap { point in
      point.top1.map {
        LineChart.Point(label: DisplayText.brief(point.label), bytes: point.bytes, accuracy: $0)
      }
    }
    guard measured.count == points.count else { return nil }
    var aside: LineChart.Point?
    if let control = report.controlPoint, let top1 = control.top1 {
      aside = .init(label: DisplayText.brief(control.label), bytes: control.bytes, accuracy: top1)
    }
    let chart = LineChart(points: measured, aside: aside, interval: accuracyInterval)
    return Self.picture(
      "history-picture", title: "Top-1 accuracy against the bytes of the file",
      description: measured.map {
        "\($0.label): \(Format.bytes($0.bytes)), \(Format.percent($0.accuracy))"
      }.joined(separator: "; ")
    ) { width in chart.draw(width: width, height: width < 500 ? 260 : 320) }
  }
}
