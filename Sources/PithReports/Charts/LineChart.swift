/// Accuracy against size: a line through numbered points, sizes on a logarithmic axis.
///
/// The vertical axis covers at least one percentage point, so that chance does not look like
/// change.
public struct LineChart: Sendable {
  /// One moment of the way.
  public struct Point: Sendable, Hashable {
    public var label: String
    public var bytes: Int
    /// A fraction in 0...1.
    public var accuracy: Double

    public init(label: String, bytes: Int, accuracy: Double) {
      self.label = label
      self.bytes = bytes
      self.accuracy = accuracy
    }
  }

  public var points: [Point]
  /// A model beside the way, such as the control.
  public var aside: Point?
  /// Half the width of the first point's 95 % interval.
  public var interval: Double?

  public init(points: [Point], aside: Point? = nil, interval: Double? = nil) {
    self.points = points
    self.aside = aside
    self.interval = interval
  }

  /// Draws the chart so wide; nil where there is nothing to draw, or a point that has no place.
  public func draw(width: Double, height: Double = 300) -> SVG? {
    let all = points + [aside].compactMap(\.self)
    guard !points.isEmpty, all.allSatisfy({ $0.bytes > 0 && (0...1).contains($0.accuracy) }) else {
      return nil
    }
    let (left, right, top, bottom) = (66.0, width - 20, 26.0, height - 46)
    let x = Scale.logarithmic(
      domain: Scale.logarithmicDomain(all.map { Double($0.bytes) }), start: left, end: right)
    let y = Scale.linear(
      domain: Scale.domain(all.map(\.accuracy), span: 0.01, within: 0...1), start: bottom,
      end: top)
    var svg = SVG(width: width, height: height)
    drawBand(&svg, y: y, frame: (left, right, top, bottom))
    drawAxes(&svg, x: x, y: y, frame: (left, right, top, bottom))
    svg.polyline(
      points.map { (x.position(Double($0.bytes)), y.position($0.accuracy)) }, class: "path")
    drawLabels(&svg, x: x, y: y, frame: (left, right, top, bottom))
    if let aside {
      svg.diamond(
        x: x.position(Double(aside.bytes)), y: y.position(aside.accuracy), radius: 7,
        class: "aside",
        hint: hint(aside))
    }
    for (index, point) in points.enumerated().reversed() {
      let (px, py) = (x.position(Double(point.bytes)), y.position(point.accuracy))
      let style = index == 0 ? "before" : "after"
      svg.circle(x: px, y: py, radius: 9, class: "dot \(style)", hint: hint(point))
      svg.text("\(index)", x: px, y: py + 4, anchor: .middle, class: "number \(style)")
    }
    return svg
  }

  private typealias Frame = (left: Double, right: Double, top: Double, bottom: Double)

  private func drawBand(_ svg: inout SVG, y: Scale, frame: Frame) {
    guard let interval, interval > 0, let first = points.first else { return }
    let high = Swift.max(y.position(first.accuracy + interval), frame.top)
    let low = Swift.min(y.position(first.accuracy - interval), frame.bottom)
    svg.rectangle(
      x: frame.left, y: high, width: frame.right - frame.left, height: low - high, class: "band",
      hint: "95 % interval of the original's accuracy")
  }

  private func drawAxes(_ svg: inout SVG, x: Scale, y: Scale, frame: Frame) {
    svg.percentAxis(y, from: frame.left, to: frame.right)
    for tick in x.ticks(about: Int((frame.right - frame.left) / 90)) {
      let place = x.position(tick)
      svg.line(place, frame.bottom, place, frame.bottom + 5, class: "axis")
      svg.text(
        Format.roundBytes(tick), x: place, y: frame.bottom + 20, anchor: .middle,
        class: "tick")
    }
    svg.line(frame.left, frame.bottom, frame.right, frame.bottom, class: "axis")
    svg.text("top-1 accuracy", x: 0, y: 12, class: "caption")
    svg.text(
      "bytes of the file, logarithmic", x: frame.right, y: frame.bottom + 39, anchor: .end,
      class: "caption")
  }

  /// Writes each point's label where it covers neither the line nor another label; in a narrow
  /// picture the numbers must do.
  private func drawLabels(_ svg: inout SVG, x: Scale, y: Scale, frame: Frame) {
    let places = points.map { (x.position(Double($0.bytes)), y.position($0.accuracy)) }
    let steps = (0...50).map { Double($0) / 50 }
    var placed = places.map { LabelBox(center: $0, width: 20, height: 20) }
    placed += zip(places, places.dropFirst()).flatMap { start, end in
      steps.map { step in
        LabelBox(
          center: (
            start.0 + (end.0 - start.0) * step, start.1 + (end.1 - start.1) * step
          ), width: 2, height: 2)
      }
    }
    func write(_ point: Point) {
      guard svg.width >= 500 || point == aside else { return }
      let words = SVG.fitted(point.label, width: 130)
      let width = SVG.textWidth(words) + 4
      let (px, py) = (x.position(Double(point.bytes)), y.position(point.accuracy))
      for place in [(0.0, -21.0), (0, 21), (width / 2 + 13, 0), (-width / 2 - 13, 0)] {
        let box = LabelBox(center: (px + place.0, py + place.1), width: width, height: 17)
        guard box.left >= frame.left, box.right <= frame.right + 18, box.top >= frame.top - 10,
          box.bottom <= frame.bottom, !placed.contains(where: box.overlaps)
        else { continue }
        placed.append(box)
        svg.text(words, x: px + place.0, y: py + place.1 + 4, anchor: .middle, class: "halo")
        return
      }
    }
    if let aside {
      placed.append(
        LabelBox(
          center: (x.position(Double(aside.bytes)), y.position(aside.accuracy)), width: 16,
          height: 16))
      write(aside)
    }
    for point in points.reversed() { write(point) }
  }

  private func hint(_ point: Point) -> String {
    "\(point.label): \(Format.bytes(point.bytes)), \(Format.percent(point.accuracy))"
  }
}
