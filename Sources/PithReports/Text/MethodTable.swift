/// The rows of a comparison in words, for the terminal and for the page.
public struct MethodTable: Sendable {
  /// One model.
  public struct Row: Sendable, Hashable {
    public var name: String
    /// As many as there are columns; a failed row has none.
    public var cells: [String]
    /// Whether accuracy changed by more than chance.
    public var verdict: Comparison.Verdict
    public var error: String?
  }

  /// The headings of the cells.
  public private(set) var columns: [String] = []
  public private(set) var rows: [Row] = []
  private let report: CompareReport

  public init(_ report: CompareReport) {
    self.report = report
    let isMeasured = report.baseline?.top1 != nil
    let hasControl = report.control?.top1 != nil
    if isMeasured {
      columns = ["top-1", hasControl ? "to control" : "to given"]
    }
    columns += [
      "parameters", "non-zero", "MACs", "ONNX file", "archive", "dense", "sparse", "training",
    ]
    if let baseline = report.baseline { add(baseline) }
    if let control = report.control { add(control) }
    for row in report.rows { add(row) }
    for name in report.planned.dropFirst(report.rows.count) {
      rows.append(Row(name: name, cells: [], verdict: .unknown, error: "not done yet"))
    }
  }

  /// The table for the terminal.
  public var table: TextTable {
    var table = TextTable(
      columns: [.init("", limit: 44)] + columns.map { .init($0, alignment: .trailing) })
    for row in rows {
      guard row.error == nil else {
        table.add([.init(row.name), .init("failed", style: .bad)])
        continue
      }
      var cells = row.cells.map { TextTable.Cell($0) }
      if cells.count == columns.count, columns[0] == "top-1" { cells[1].style = row.verdict.style }
      table.add([.init(row.name)] + cells)
    }
    return table
  }

  private mutating func add(_ model: Measurements) {
    var cells = model.top1.map { [Format.percent($0), ""] } ?? []
    cells += [
      Format.count(model.parameters), Format.count(model.nonzeroParameters),
      Format.count(model.macs), Format.bytes(model.onnxBytes), Format.bytes(model.pithBytes),
      Format.milliseconds(model.latencyMilliseconds), "", "",
    ]
    rows.append(Row(name: "given model", cells: cells, verdict: .same, error: nil))
  }

  private mutating func add(_ row: CompareReport.Row) {
    guard row.isFinished else {
      rows.append(
        Row(name: row.title, cells: [], verdict: .unknown, error: row.error ?? "not done"))
      return
    }
    var cells: [String] = []
    var verdict = Comparison.Verdict.unknown
    if columns.first == "top-1" {
      var accuracy = Format.percent(row.top1)
      if let spread = row.top1Spread {
        accuracy += " ± " + Format.fixed(spread * 100, decimals: 2)
      }
      let difference = report.reference.flatMap { reference in row.top1.map { $0 - reference } }
      cells = [accuracy, Format.points(difference)]
      verdict = self.verdict(of: row, difference)
    }
    cells += [
      Format.count(row.parameters), Format.count(row.nonzeroParameters), Format.count(row.macs),
      Format.bytes(row.onnxBytes), Format.bytes(row.pithBytes),
      Format.milliseconds(row.denseLatencyMilliseconds ?? row.latencyMilliseconds),
      Format.milliseconds(row.sparseLatencyMilliseconds), Format.duration(row.trainingSeconds),
    ]
    rows.append(Row(name: row.title, cells: cells, verdict: verdict, error: nil))
  }

  /// A difference counts where it is larger than half the 95 % interval of the reference, and than
  /// two standard errors of both means where there are several seeds.
  private func verdict(of row: CompareReport.Row, _ difference: Double?) -> Comparison.Verdict {
    guard let difference, let reference = report.reference else { return .unknown }
    var threshold = Comparison.interval(of: reference, samples: report.samples) ?? 0
    let spreads = [row, report.control].compactMap { $0?.top1Spread }
    let errors = spreads.map { $0 * $0 / Double(max(1, report.seeds.count)) }
    threshold = max(threshold, 2 * errors.reduce(0, +).squareRoot(), 0.000_05)
    return difference.magnitude <= threshold ? .same : difference > 0 ? .better : .worse
  }
}
