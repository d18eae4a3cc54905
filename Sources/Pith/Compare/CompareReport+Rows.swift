import PithCompression
import PithReports

extension CompareReport {
  /// Row 0 is the control; nil where it is not done yet.
  func row(_ number: Int) -> Row? {
    if number == 0 { return control }
    return rows.indices.contains(number - 1) ? rows[number - 1] : nil
  }

  mutating func set(_ row: Row, at number: Int) {
    if number == 0 {
      control = row
    } else if rows.indices.contains(number - 1) {
      rows[number - 1] = row
    } else {
      rows.append(row)
    }
  }

  /// Keeps what the runs of a row warn of, apart from what the table shows anyway.
  mutating func addNotes(_ warnings: [String], of row: String) {
    for warning in warnings
    where !warning.hasPrefix("accuracy fell") && !warning.hasPrefix("the result is slower") {
      let isOfModel = warning.hasPrefix("the model knows") || notes.contains(warning)
      let note = isOfModel ? warning : "\(row): \(warning)"
      if !notes.contains(note) { notes.append(note) }
    }
    self.warnings = notes
  }

  /// What must be known before trusting the table.
  var doubts: [String] {
    var found: [String] = []
    for row in rows {
      if let before = row.baselineLatencyMilliseconds, let after = row.latencyMilliseconds,
        after > 1.1 * before
      {
        found.append(
          "\(row.title) is slower than the given model: \(Format.milliseconds(before)) → "
            + Format.milliseconds(after))
      }
    }
    let failed = rows.filter { !$0.isFinished }
    if !failed.isEmpty {
      found.append(
        "\(failed.count) of \(rows.count) rows failed: "
          + failed.map(\.title).joined(separator: ", "))
    }
    return found
  }
}

extension CompareReport.Row {
  /// A row before anything is measured.
  init(_ steps: [Recipe.Step], name: String) {
    let parts = steps.map { step in
      CompareReport.Step(
        method: step.name,
        settings: Dictionary(
          step.values.resolved.map { ($0.name, PithReports.SettingValue($0.value)) }
        ) { first, _ in first })
    }
    self.init(
      method: steps.map(\.name).joined(separator: " + "),
      settings: parts.count == 1
        ? parts[0].settings
        : Dictionary(parts.map { ($0.method, .mapping($0.settings)) }) { first, _ in first },
      top1: nil, parameters: nil, macs: nil, onnxBytes: nil, pithBytes: nil,
      latencyMilliseconds: nil, trainingSeconds: 0)
    self.name = name
    self.steps = parts
  }

  /// Fills the row with the means over its runs.
  mutating func summarize() {
    let results = runs.compactMap(\.result)
    func mean(_ value: (Measurements) -> Double?) -> Double? {
      let values = results.compactMap(value)
      return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
    func whole(_ value: (Measurements) -> Int?) -> Int? {
      mean { value($0).map(Double.init) }.map { Int($0.rounded()) }
    }
    top1 = mean(\.top1)
    top5 = mean(\.top5)
    loss = mean(\.loss)
    parameters = whole(\.parameters)
    nonzeroParameters = whole(\.nonzeroParameters)
    macs = whole(\.macs)
    onnxBytes = whole(\.onnxBytes)
    pithBytes = whole(\.pithBytes)
    if let top1, results.count > 1 {
      let squares = results.compactMap(\.top1).map { ($0 - top1) * ($0 - top1) }
      top1Spread = (squares.reduce(0, +) / Double(squares.count - 1)).squareRoot()
    }
    trainingSeconds = runs.reduce(0) { $0 + $1.seconds }
    error = runs.compactMap(\.error).first
  }

  /// What the row came to, in a line.
  var summary: String {
    guard error == nil else { return "\(title): failed: \(error ?? "")" }
    let accuracy = top1.map { ", top-1 \(Format.percent($0))" } ?? ""
    return "\(title): \(Format.bytes(pithBytes ?? onnxBytes))\(accuracy), "
      + Format.duration(trainingSeconds)
  }
}

extension CompareReport.Run {
  init(_ report: CompressReport, seed: UInt64, folder: String) {
    self.init(
      seed: seed, result: report.result, validationTop1: report.steps.last?.after.top1,
      seconds: report.steps.reduce(0) { $0 + $1.seconds }, folder: folder, error: nil)
  }

  init(failed error: String, seed: UInt64) {
    self.init(
      seed: seed, result: nil, validationTop1: nil, seconds: 0, folder: nil, error: error)
  }
}
