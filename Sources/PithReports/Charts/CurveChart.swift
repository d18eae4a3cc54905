/// Curves over ratios from 0 to 1, such as the accuracy left when layers are pruned; those that
/// matter most carry their names.
public struct CurveChart: Sendable {
  /// One layer.
  public struct Curve: Sendable, Hashable {
    public var label: String
    /// By ratio.
    public var points: [Point]
    /// Whether it is drawn in colour and named.
    public var isNamed: Bool

    public init(label: String, points: [Point], isNamed: Bool) {
      self.label = label
      self.points = points
      self.isNamed = isNamed
    }
  }

  public struct Point: Sendable, Hashable {
    /// 0...1.
    public var ratio: Double
    public var value: Double

    public init(ratio: Double, value: Double) {
      self.ratio = ratio
      self.value = value
    }
  }

  public var curves: [Curve]
  /// What the values are.
  public var title: String
  /// Whether they are fractions, shown in percent.
  public var isFraction: Bool
  /// What the ratios are.
  public var axis: String

  public init(
    curves: [Curve], title: String, isFraction: Bool, axis: String = "pruned share of the layer"
  ) {
    self.curves = curves
    self.title = title
    self.isFraction = isFraction
    self.axis = axis
  }

  /// Draws the chart so wide; nil where there is nothing to draw, or a point that has no place.
  public func draw(width: Double, height: Double = 340) -> SVG? {
    let all = curves.flatMap(\.points)
    guard !all.isEmpty,
      all.allSatisfy({ (0...1).contains($0.ratio) && $0.value >= 0 && $0.value < 1e12 })
    else { return nil }
    let isNarrow = width < 500
    let (left, right) = (66.0, isNarrow ? width - 12 : width - 190)
    let (top, bottom) = (26.0, height - 46)
    let x = Scale.linear(domain: 0...1, start: left, end: right)
    let limits = isFraction ? 0...1.0 : 0...max(all.map(\.value).max() ?? 1, 1e-9) * 1.1
    let y = Scale.linear(
      domain: Scale.domain(all.map(\.value), span: isFraction ? 0.01 : 0, within: limits),
      start: bottom, end: top)
    var svg = SVG(width: width, height: height)
    for tick in y.ticks(about: 4) {
      svg.line(left, y.position(tick), right, y.position(tick), class: "grid")
      svg.text(
        isFraction ? Format.percent(tick, decimals: 0) : Format.significant(tick), x: left - 8,
        y: y.position(tick) + 4, anchor: .end, class: "tick")
    }
    for tick in x.ticks(about: isNarrow ? 4 : 10) {
      svg.line(x.position(tick), bottom, x.position(tick), bottom + 5, class: "axis")
      svg.text(
        Format.percent(tick, decimals: 0), x: x.position(tick), y: bottom + 20, anchor: .middle,
        class: "tick")
    }
    svg.line(left, bottom, right, bottom, class: "axis")
    svg.text(title, x: 0, y: 12, class: "caption")
    svg.text(axis, x: right, y: bottom + 39, anchor: .end, class: "caption")
    for curve in curves.filter({ !$0.isNamed }) + curves.filter(\.isNamed) {
      svg.polyline(
        curve.points.map { (x.position($0.ratio), y.position($0.value)) },
        class: curve.isNamed ? "path" : "path faint")
    }
    if !isNarrow { drawNames(&svg, y: y, left: right + 10, bottom: bottom) }
    return svg
  }

  /// Writes names beside the ends of their curves, moved apart where they would cover each other.
  private func drawNames(_ svg: inout SVG, y: Scale, left: Double, bottom: Double) {
    let ends = curves.filter(\.isNamed).compactMap { curve in
      curve.points.last.map { (curve.label, y.position($0.value)) }
    }.sorted { $0.1 < $1.1 }
    var places = ends.map(\.1)
    for index in places.indices.dropFirst() {
      places[index] = max(places[index], places[index - 1] + 16)
    }
    if let last = places.last, last > bottom {
      var limit = bottom
      for index in places.indices.reversed() {
        places[index] = min(places[index], limit)
        limit = places[index] - 16
      }
    }
    for ((label, _), place) in zip(ends, places) {
      svg.text(SVG.fitted(label, width: 178), x: left, y: place + 4, hint: label)
    }
  }
}
