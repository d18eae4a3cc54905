/// The model before and after, quantity by quantity, in words for a table.
public struct Comparison: Sendable {
  /// Whether a change is one that compression is for.
  public enum Verdict: Sendable, Hashable { case better, same, worse, unknown }

  /// One quantity of the models.
  public struct Row: Sendable, Hashable {
    public var quantity: String
    public var before: String
    public var after: String
    /// The same quantity of the control, where there is one.
    public var control: String?
    public var change: String
    public var verdict: Verdict
  }

  public private(set) var rows: [Row] = []
  private let baseline: Measurements
  private let result: Measurements
  private let control: Measurements?
  private let samples: Int?

  /// Compares a result with the model it was made from.
  public init(_ report: CompressReport) {
    self.init(
      baseline: report.baseline, result: report.result, control: report.control,
      samples: report.samples)
  }

  /// Compares two models; sizes are told against the ONNX file of `baseline`, as every ratio is.
  ///
  /// A change of accuracy counts as one where it is larger than half the 95 % interval of an
  /// accuracy on so many samples, and a change of loss where it is larger than one percent.
  public init(
    baseline: Measurements, result: Measurements, control: Measurements? = nil,
    samples: Int? = nil
  ) {
    self.samples = samples
    self.baseline = baseline
    self.result = result
    self.control = control
    addAccuracy("top-1 accuracy", \.top1, isRequired: true)
    addAccuracy("top-5 accuracy", \.top5, isRequired: false)
    addLoss()
    addAmount("parameters", \.parameters, Format.exact)
    addAmount("non-zero parameters", \.nonzeroParameters, Format.exact)
    addAmount("multiply-accumulates", \.macs, Format.exact)
    addAmount("ONNX file", \.onnxBytes, Format.bytes)
    addAmount("archive (.pith)", \.pithBytes, Format.bytes, reference: \.onnxBytes)
    addLatency()
  }

  /// The rows as a table for the terminal.
  public var table: TextTable {
    var columns = [
      TextTable.Column(""), .init("before", alignment: .trailing),
      .init("after", alignment: .trailing),
    ]
    if control != nil { columns.append(.init("control", alignment: .trailing)) }
    var table = TextTable(columns: columns + [.init("change")])
    for row in rows {
      var cells: [TextTable.Cell] = [
        .init(row.quantity), .init(row.before), .init(row.after, style: .bold),
      ]
      if control != nil { cells.append(.init(row.control ?? Format.missing)) }
      table.add(cells + [.init(row.change, style: row.verdict.style)])
    }
    return table
  }

  private mutating func addAccuracy(
    _ quantity: String, _ value: KeyPath<Measurements, Double?>, isRequired: Bool
  ) {
    guard isRequired || baseline[keyPath: value] != nil || result[keyPath: value] != nil else {
      return
    }
    var (change, verdict) = ("not measured", Verdict.unknown)
    if let before = baseline[keyPath: value], let after = result[keyPath: value] {
      change = Format.points(after - before)
      verdict = .init(
        gain: after - before, threshold: Self.interval(of: before, samples: samples) ?? 0)
    }
    add(quantity, { Format.percent($0[keyPath: value]) }, change, verdict)
  }

  private mutating func addLoss() {
    guard baseline.loss != nil || result.loss != nil else { return }
    var (change, verdict) = (Format.missing, Verdict.unknown)
    if let before = baseline.loss, let after = result.loss {
      change = Format.signed(after - before, decimals: 4)
      verdict = .init(gain: before - after, threshold: before.magnitude * 0.01)
    }
    add("loss", { Format.loss($0.loss) }, change, verdict)
  }

  private mutating func addAmount(
    _ quantity: String, _ value: @escaping (Measurements) -> Int?, _ format: (Int?) -> String,
    reference: ((Measurements) -> Int?)? = nil
  ) {
    guard value(baseline) != nil || value(result) != nil else { return }
    var (change, verdict) = (Format.missing, Verdict.unknown)
    if let before = (reference ?? value)(baseline), let after = value(result) {
      (change, verdict) = Self.shrinkage(Double(before), Double(after), "smaller", "larger")
      if reference != nil { change += " than the original file" }
    }
    add(quantity, { format(value($0)) }, change, verdict)
  }

  private mutating func addLatency() {
    guard baseline.latencyMilliseconds != nil || result.latencyMilliseconds != nil else { return }
    var (change, verdict) = (Format.missing, Verdict.unknown)
    if let before = baseline.latencyMilliseconds, let after = result.latencyMilliseconds {
      (change, verdict) = Self.shrinkage(before, after, "faster", "slower")
    }
    add("latency, batch 1", { Format.milliseconds($0.latencyMilliseconds) }, change, verdict)
  }

  private mutating func add(
    _ quantity: String, _ text: (Measurements) -> String, _ change: String, _ verdict: Verdict
  ) {
    rows.append(
      Row(
        quantity: quantity, before: text(baseline), after: text(result),
        control: control.map(text), change: change, verdict: verdict))
  }

  /// Half the width of the 95 % interval of a fraction found on so many samples (Wilson 1927); nil
  /// where it is not a fraction of anything.
  static func interval(of fraction: Double, samples: Int?) -> Double? {
    guard let samples, samples > 0, (0...1).contains(fraction) else { return nil }
    let (n, z) = (Double(samples), 1.96)
    let spread = fraction * (1 - fraction) / n + z * z / (4 * n * n)
    return z / (1 + z * z / n) * spread.squareRoot()
  }

  /// How many times less `after` is than `before`, or more, with the word for it.
  static func shrinkage(
    _ before: Double, _ after: Double, _ less: String, _ more: String
  ) -> (change: String, verdict: Verdict) {
    guard before > 0, after > 0 else { return (Format.missing, .unknown) }
    let ratio = before / after
    if ratio < 1.005, ratio > 1 / 1.005 { return ("unchanged", .same) }
    return ratio > 1
      ? ("\(Format.ratio(ratio)) \(less)", .better)
      : ("\(Format.ratio(1 / ratio)) \(more)", .worse)
  }
}

extension Comparison.Verdict {
  fileprivate init(gain: Double, threshold: Double) {
    self = gain.magnitude <= Swift.max(threshold, 0.000_05) ? .same : gain > 0 ? .better : .worse
  }

  var style: TextStyle {
    switch self {
    case .better: .good
    case .worse: .bad
    case .same, .unknown: .plain
    }
  }
}
