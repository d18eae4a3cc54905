/// Sizes before and after, a row each: a horizontal bar from the one to the other on a logarithmic
/// axis, so that a row of kilobytes is as readable as one of megabytes.
public struct BarChart: Sendable {
  /// One row; a missing size leaves one end of the bar out.
  public struct Row: Sendable, Hashable {
    public var label: String
    public var before: Int?
    public var after: Int?

    public init(label: String, before: Int?, after: Int?) {
      self.label = label
      self.before = before
      self.after = after
    }
  }

  public var rows: [Row]

  public init(rows: [Row]) { self.rows = rows }

  /// Draws the chart so wide; nil where there is nothing to draw.
  public func draw(width: Double) -> SVG? {
    let sizes = rows.flatMap { [$0.before, $0.after].compactMap(\.self) }.filter { $0 > 0 }
    guard !sizes.isEmpty else { return nil }
    let isNarrow = width < 500
    let rowHeight = isNarrow ? 44.0 : 28
    let left = isNarrow ? 12.0 : Swift.min(longestLabel + 14, width * 0.3)
    let right = width - 62
    let (top, bottom) = (24.0, 24 + Double(rows.count) * rowHeight)
    let x = Scale.logarithmic(
      domain: Scale.logarithmicDomain(sizes.map(Double.init)), start: left, end: right)
    var svg = SVG(width: width, height: bottom + 44)
    for tick in x.ticks(about: Int((right - left) / 80)) {
      svg.line(x.position(tick), top - 4, x.position(tick), bottom, class: "grid")
      svg.text(
        Format.roundBytes(tick), x: x.position(tick), y: bottom + 18, anchor: .middle,
        class: "tick")
    }
    svg.text("times smaller", x: width, y: 12, anchor: .end, class: "caption")
    svg.text(
      "bytes of the layer, logarithmic", x: right, y: bottom + 37, anchor: .end, class: "caption")
    for (index, row) in rows.enumerated() {
      let y = top + (Double(index) + (isNarrow ? 0.72 : 0.5)) * rowHeight
      let label = SVG.fitted(row.label, width: isNarrow ? width - 80 : left - 14)
      let place = isNarrow ? (x: left, y: y - 15) : (x: left - 12, y: y + 4)
      svg.text(
        label, x: place.x, y: place.y, anchor: isNarrow ? .start : .end, class: "halo",
        hint: label == row.label ? nil : row.label)
      draw(row, in: &svg, x: x, y: y)
    }
    return svg
  }

  private var longestLabel: Double { rows.map { SVG.textWidth($0.label) }.max() ?? 0 }

  private func draw(_ row: Row, in svg: inout SVG, x: Scale, y: Double) {
    func place(_ bytes: Int?) -> Double? {
      bytes.flatMap { $0 > 0 ? x.position(Double($0)) : nil }
    }
    let hint = "\(row.label): \(Format.bytes(row.before)) → \(Format.bytes(row.after))"
    if let before = place(row.before), let after = place(row.after) {
      svg.rectangle(
        x: Swift.min(before, after), y: y - 5, width: (before - after).magnitude, height: 10,
        class: after > before ? "span worse" : "span", hint: hint)
    }
    if let before = place(row.before) {
      svg.circle(x: before, y: y, radius: 6, class: "dot before", hint: hint)
    }
    if let after = place(row.after) {
      svg.circle(x: after, y: y, radius: 6, class: "dot after", hint: hint)
    }
    svg.text(change(row), x: svg.width, y: y + 4, anchor: .end, class: "value")
  }

  private func change(_ row: Row) -> String {
    guard let before = row.before, let after = row.after, before > 0, after > 0 else {
      return row.after == nil ? "removed" : row.before == nil ? "new" : Format.missing
    }
    return Format.ratio(Double(before) / Double(after))
  }
}
