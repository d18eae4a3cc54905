/// What is left of the network by layer and ratio, in words for the terminal and for the page.
public struct SensitivityTable: Sendable {
  /// One layer.
  public struct Row: Sendable, Hashable {
    public var name: String
    public var size: String
    public var cells: [Cell]
    /// The largest ratio that costs at most a percentage point; empty where that is not known.
    public var tolerated: String
    public var reason: String?
  }

  /// One measurement.
  public struct Cell: Sendable, Hashable {
    public var text: String
    /// How bad it is, in 0...1: accuracy lost of what is above chance, or divergence of the
    /// largest.
    public var harm: Double
  }

  public private(set) var rows: [Row] = []
  /// Whether the cells are accuracies; divergences otherwise.
  public let isAccuracy: Bool
  private let report: SensitivityReport

  public init(_ report: SensitivityReport) {
    self.report = report
    isAccuracy = report.top1 != nil
    let points = report.layers.flatMap(\.points)
    let worst = points.map(\.divergence).filter(\.isFinite).max() ?? 0
    let lowest = points.compactMap(\.top1).min() ?? 0
    rows = report.layers.map { layer in
      Row(
        name: layer.name,
        size: layer.channels.map { "\($0) channels" } ?? Format.count(layer.parameters),
        cells: layer.points.map { cell($0, worst: worst, lowest: lowest) },
        tolerated: layer.tolerated(losing: 0.01, of: report.top1)
          .map { Format.percent($0, decimals: 0) } ?? "", reason: layer.reason)
    }
  }

  private func cell(_ point: SensitivityReport.Point, worst: Double, lowest: Double) -> Cell {
    func bounded(_ share: Double) -> Double { share.isFinite ? min(max(share, 0), 1) : 1 }
    guard isAccuracy, let top1 = report.top1 else {
      return Cell(
        text: Format.significant(point.divergence), harm: bounded(point.divergence / worst))
    }
    let span = top1 - lowest
    let harm = point.top1.map { span > 0 ? (top1 - $0) / span : 0 } ?? 1
    return Cell(text: Format.percent(point.top1, decimals: 1), harm: bounded(harm))
  }

  /// The headings of the cells.
  public var headings: [String] { report.ratios.map { Format.percent($0, decimals: 0) } }

  /// The table for the terminal.
  public var table: TextTable {
    var columns = [
      TextTable.Column("layer"),
      .init(report.kind == .channels ? "group" : "weights", alignment: .trailing),
    ]
    columns += headings.map { .init($0, alignment: .trailing) }
    if isAccuracy { columns.append(.init("-1 pp at", alignment: .trailing)) }
    var table = TextTable(columns: columns)
    for row in rows {
      var cells: [TextTable.Cell] = [.init(row.name), .init(row.size)]
      cells += row.cells.map { .init($0.text, style: $0.harm > 0.5 ? .bad : .plain) }
      cells += Array(repeating: "", count: max(0, report.ratios.count - row.cells.count))
      table.add(cells + [.init(row.tolerated)])
    }
    return table
  }
}
