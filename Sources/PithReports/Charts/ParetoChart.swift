import Foundation

/// Accuracy against what it costs: a point for each model, and a line along those that no other
/// beats in both.
///
/// The cost lies on a logarithmic axis; the vertical axis covers at least one percentage point, so
/// that chance does not look like change.
public struct ParetoChart: Sendable {
  /// What is paid for accuracy.
  public enum Cost: Sendable, Hashable {
    case bytes, macs, milliseconds

    var title: String {
      switch self {
      case .bytes: "bytes of the smaller file"
      case .macs: "multiply-accumulates"
      case .milliseconds: "latency at batch 1"
      }
    }

    func tick(_ value: Double) -> String {
      switch self {
      case .bytes: Format.roundBytes(value)
      case .macs: Format.roundBytes(value).dropLast().replacingOccurrences(of: "K", with: "k")
      case .milliseconds: Format.plain((value * 10_000).rounded() / 10_000) + " ms"
      }
    }

    func words(_ value: Double) -> String {
      guard value.magnitude < 1e18 else { return Format.missing }
      return switch self {
      case .bytes: Format.bytes(Int(value))
      case .macs: Format.count(Int(value))
      case .milliseconds: Format.milliseconds(value)
      }
    }
  }

  /// One model.
  public struct Point: Sendable, Hashable {
    public var label: String
    public var cost: Double
    /// A fraction in 0...1.
    public var accuracy: Double
    /// Standard deviation of the accuracy over seeds.
    public var spread: Double?
    /// What stands in the mark; nil for a model that is not compressed.
    public var number: Int?

    public init(
      label: String, cost: Double, accuracy: Double, spread: Double? = nil, number: Int? = nil
    ) {
      self.label = label
      self.cost = cost
      self.accuracy = accuracy
      self.spread = spread
      self.number = number
    }
  }

  public let cost: Cost
  public let points: [Point]

  public init(_ cost: Cost, points: [Point]) {
    self.cost = cost
    self.points = points
  }

  /// The points that no other beats in both, by cost.
  public var front: [Point] {
    let sorted = points.sorted { ($0.cost, $1.accuracy) < ($1.cost, $0.accuracy) }
    var (best, found) = (-Double.infinity, [Point]())
    for point in sorted where point.accuracy > best {
      best = point.accuracy
      found.append(point)
    }
    return found
  }

  /// Draws the chart so wide; nil where there is nothing to draw, or a point that has no place.
  public func draw(width: Double, height: Double = 320) -> SVG? {
    guard !points.isEmpty,
      points.allSatisfy({
        $0.cost > 0 && $0.cost < 1e18 && (0...1).contains($0.accuracy)
      })
    else { return nil }
    let frame = Frame(left: 66, right: width - 20, top: 26, bottom: height - 46)
    let x = Scale.logarithmic(
      domain: Scale.logarithmicDomain(points.map(\.cost)), start: frame.left, end: frame.right)
    let y = Scale.linear(
      domain: Scale.domain(points.map(\.accuracy), span: 0.01, within: 0...1),
      start: frame.bottom, end: frame.top)
    var svg = SVG(width: width, height: height)
    drawAxes(&svg, x: x, y: y, frame)
    drawFront(&svg, x: x, y: y)
    drawLabels(&svg, x: x, y: y, frame)
    for point in points.reversed() { draw(point, &svg, x: x, y: y, frame) }
    return svg
  }

  private struct Frame {
    let left, right, top, bottom: Double
  }

  private func drawAxes(_ svg: inout SVG, x: Scale, y: Scale, _ frame: Frame) {
    svg.percentAxis(y, from: frame.left, to: frame.right)
    let round = x.ticks(about: Int((frame.right - frame.left) / 90))
    // Where too few round values lie in the picture the least and the largest cost must do.
    let ends = [points.map(\.cost).min(), points.map(\.cost).max()].compactMap(\.self)
    let isRound = round.count > 1
    for tick in isRound ? round : Set(ends).sorted() {
      let place = x.position(tick)
      svg.line(place, frame.bottom, place, frame.bottom + 5, class: "axis")
      svg.text(
        isRound ? cost.tick(tick) : cost.words(tick), x: place, y: frame.bottom + 20,
        anchor: .middle, class: "tick")
    }
    svg.line(frame.left, frame.bottom, frame.right, frame.bottom, class: "axis")
    svg.text("top-1 accuracy", x: 0, y: 12, class: "caption")
    svg.text(
      "\(cost.title), logarithmic", x: frame.right, y: frame.bottom + 39, anchor: .end,
      class: "caption")
  }

  /// Steps along the front: at each cost the best accuracy that it buys.
  private func drawFront(_ svg: inout SVG, x: Scale, y: Scale) {
    var corners: [(Double, Double)] = []
    for point in front {
      let place = (x.position(point.cost), y.position(point.accuracy))
      if let last = corners.last { corners.append((place.0, last.1)) }
      corners.append(place)
    }
    if corners.count > 1 { svg.polyline(corners, class: "path front") }
  }

  private func draw(_ point: Point, _ svg: inout SVG, x: Scale, y: Scale, _ frame: Frame) {
    let (px, py) = (x.position(point.cost), y.position(point.accuracy))
    let hint = hint(point)
    if let spread = point.spread, spread > 0, spread < 1 {
      let high = max(y.position(point.accuracy + spread), frame.top)
      let low = min(y.position(point.accuracy - spread), frame.bottom)
      svg.line(px, high, px, low, class: "spread")
    }
    guard let number = point.number else {
      svg.diamond(x: px, y: py, radius: 7, class: "aside", hint: hint)
      return
    }
    svg.circle(x: px, y: py, radius: 9, class: "dot after", hint: hint)
    svg.text("\(number)", x: px, y: py + 4, anchor: .middle, class: "number after")
  }

  /// Writes each label where it covers no mark and no other label; the numbers must do elsewhere,
  /// and in a narrow picture.
  private func drawLabels(_ svg: inout SVG, x: Scale, y: Scale, _ frame: Frame) {
    guard svg.width >= 500 else { return }
    var taken = points.map {
      LabelBox(center: (x.position($0.cost), y.position($0.accuracy)), width: 20, height: 20)
    }
    for point in points {
      let words = SVG.fitted(point.label, width: 200)
      let width = SVG.textWidth(words) + 4
      let (px, py) = (x.position(point.cost), y.position(point.accuracy))
      for place in [(width / 2 + 13, 0.0), (-width / 2 - 13, 0), (0, -19), (0, 21)] {
        let box = LabelBox(center: (px + place.0, py + place.1), width: width, height: 17)
        guard box.left >= frame.left, box.right <= frame.right + 18, box.top >= frame.top - 10,
          box.bottom <= frame.bottom, !taken.contains(where: box.overlaps)
        else { continue }
        taken.append(box)
        svg.text(words, x: px + place.0, y: py + place.1 + 4, anchor: .middle, class: "halo")
        break
      }
    }
  }

  private func hint(_ point: Point) -> String {
    let spread = point.spread.map { " ± \(Format.fixed($0 * 100, decimals: 2))" } ?? ""
    return "\(point.label): \(cost.words(point.cost)), \(Format.percent(point.accuracy))\(spread)"
  }
}
