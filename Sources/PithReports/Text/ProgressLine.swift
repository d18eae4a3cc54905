/// How far a job is, as one line: a bar for a terminal, plain words for a log, JSON for programs.
///
/// Rendering is pure; writing, and returning to the start of the line, is the caller's.
public struct ProgressLine: Sendable, Hashable, Codable {
  /// What is being done, in a recipe's word: `pruning`.
  public var task: String
  /// The step of the recipe, counted from 1, of `steps`.
  public var step: Int?
  public var steps: Int?
  /// The epoch of the step, counted from 1, of `epochs`.
  public var epoch: Int?
  public var epochs: Int?
  /// How much of the task is done, in 0...1.
  public var fraction: Double
  /// The latest training loss.
  public var loss: Double?
  /// The latest accuracy, a fraction in 0...1.
  public var top1: Double?
  public var imagesPerSecond: Double?
  /// Seconds until the task is done, estimated.
  public var secondsLeft: Double?

  public init(
    task: String, step: Int? = nil, steps: Int? = nil, epoch: Int? = nil, epochs: Int? = nil,
    fraction: Double, loss: Double? = nil, top1: Double? = nil, imagesPerSecond: Double? = nil,
    secondsLeft: Double? = nil
  ) {
    self.task = task
    self.step = step
    self.steps = steps
    self.epoch = epoch
    self.epochs = epochs
    self.fraction = fraction.isFinite ? Swift.min(Swift.max(fraction, 0), 1) : 0
    self.loss = loss
    self.top1 = top1
    self.imagesPerSecond = imagesPerSecond
    self.secondsLeft = secondsLeft
  }

  /// The line with a bar, at most `columns` wide; what does not fit is left out from the end, but
  /// for the time left.
  ///
  ///     pruning 2/3  epoch 3/8  ━━━━━━━━╸────  64 %  loss 0.0213  2,310 img/s  0:42 left
  public func terminal(columns: Int, color: Bool) -> String {
    let percent = "\(Int(fraction * 100)) %"
    let time = secondsLeft.map { "\(Format.clock($0)) left" }
    var details = measurements
    var head = self.head
    func width(bar: Int) -> Int {
      let parts = head + [percent] + details + [time].compactMap(\.self)
      return parts.reduce(bar + 2 * parts.count) { $0 + DisplayText.width($1) }
    }
    while width(bar: Self.shortestBar) > columns, !details.isEmpty { details.removeLast() }
    while width(bar: Self.shortestBar) > columns, head.count > 1 { head.removeLast() }
    let length = Swift.min(Self.longestBar, columns - width(bar: 0))
    let bar = length >= Self.shortestBar ? [bar(length: length, color: color)] : []
    let line = (head + bar + [percent] + details + [time].compactMap(\.self))
      .joined(separator: "  ")
    return bar.isEmpty ? DisplayText.shortened(line, to: Swift.max(columns, 2)) : line
  }

  /// The line without a bar, for logs and pipes.
  public var plain: String {
    let time = secondsLeft.map { "\(Format.duration($0)) left" }
    return (head + ["\(Int(fraction * 100)) %"] + measurements + [time].compactMap(\.self))
      .joined(separator: ", ")
  }

  /// The line as a JSON object: the properties by their names, and `event`, which is `progress`.
  public func json() throws(ReportError) -> String {
    try Event(progress: self).jsonLine()
  }

  private static let shortestBar = 10
  private static let longestBar = 30

  private var head: [String] {
    var parts = [DisplayText.visible(task)]
    if let step { parts[0] += steps.map { " \(step)/\($0)" } ?? " \(step)" }
    if let epoch { parts.append(epochs.map { "epoch \(epoch)/\($0)" } ?? "epoch \(epoch)") }
    return parts
  }

  private var measurements: [String] {
    [
      loss.map { "loss \(Format.loss($0))" },
      top1.map { "top-1 \(Format.percent($0))" },
      imagesPerSecond.map { "\(Format.significant($0)) img/s" },
    ].compactMap(\.self)
  }

  private func bar(length: Int, color: Bool) -> String {
    let halves = Int(fraction * Double(2 * length))
    let full = String(repeating: "━", count: halves / 2) + (halves % 2 == 1 ? "╸" : "")
    let rest = String(repeating: color ? "━" : "─", count: length - (halves + 1) / 2)
    guard color else { return full + rest }
    return TextStyle.accent.apply(to: full) + TextStyle.faint.apply(to: rest)
  }
}

private struct Event: Report {
  let progress: ProgressLine

  init(progress: ProgressLine) { self.progress = progress }

  init(from decoder: any Decoder) throws { progress = try ProgressLine(from: decoder) }

  private enum CodingKeys: CodingKey { case event }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode("progress", forKey: .event)
    try progress.encode(to: encoder)
  }
}
