import Foundation
import PithReports
import Testing

@Suite struct ComparePageTests {
  static func row(
    _ name: String, top1: Double?, bytes: Int, macs: Int, latency: Double, spread: Double? = nil
  ) -> CompareReport.Row {
    var row = CompareReport.Row(
      method: "pruning", settings: ["sparsity": 0.9], top1: top1, parameters: 272_474, macs: macs,
      onnxBytes: 4 * bytes, pithBytes: bytes, latencyMilliseconds: latency, trainingSeconds: 61)
    row.name = name
    row.top1Spread = spread
    row.nonzeroParameters = 30_000
    row.denseLatencyMilliseconds = latency * 1.5
    row.sparseLatencyMilliseconds = latency
    row.baselineLatencyMilliseconds = 3.1
    row.steps = [.init(method: "pruning", settings: ["sparsity": 0.9, "epochs": 2])]
    row.runs = [
      .init(
        seed: 1, result: SampleReports.pruned, validationTop1: 0.9, seconds: 61,
        folder: "runs/row-1-seed-1", error: nil)
    ]
    return row
  }

  static func report(_ text: String = "resnet20.onnx") -> CompareReport {
    var failed = CompareReport.Row(
      method: "low-rank", settings: [:], top1: nil, parameters: nil, macs: nil, onnxBytes: nil,
      pithBytes: nil, latencyMilliseconds: nil, trainingSeconds: 0)
    failed.name = text
    failed.error = "low-rank finds nothing to work on: \(text)"
    failed.runs = [
      .init(seed: 1, result: nil, validationTop1: nil, seconds: 0, folder: nil, error: text)
    ]
    var report = CompareReport(rows: [
      row(
        "pruning (sparsity: 0.8)", top1: 0.9012, bytes: 210_000, macs: 40_800_000, latency: 2.4,
        spread: 0.002),
      row(
        "pruning (sparsity: 0.95)", top1: 0.8871, bytes: 88_000, macs: 40_800_000, latency: 1.3,
        spread: 0.004),
      row(
        "channel-pruning", top1: 0.8903, bytes: 430_000, macs: 20_100_000, latency: 1.6,
        spread: 0.003),
      row(
        "weight-sharing", top1: 0.9037, bytes: 160_000, macs: 40_800_000, latency: 3.1,
        spread: 0.001),
      row(
        "deep-compression", top1: 0.8999, bytes: 61_000, macs: 40_800_000, latency: 1.4,
        spread: 0.002),
      failed,
    ])
    report.control = row(
      "control", top1: 0.9053, bytes: 950_000, macs: 40_800_000, latency: 3.1, spread: 0.001)
    report.baseline = SampleReports.baseline
    report.planned = report.rows.map(\.title)
    report.model = text
    report.data = "cifar10:\(text)"
    report.samples = 10_000
    report.seeds = [1, 2, 3]
    report.epochs = 5
    report.recipe = "rows:\n  - \(text)\n"
    report.command = "pith compare --recipe comparison.yaml -o FOLDER"
    report.created = SampleReports.created
    report.version = "1.0"
    report.warnings = ["1 of 6 rows failed: \(text)"]
    report.seconds = 1250
    return report
  }

  @Test func isWellFormedAndSelfContained() throws {
    let html = ComparePage(Self.report()).html()
    let document = try ParsedDocument(html)
    #expect(document.violations.isEmpty, "\(document.violations)")
    #expect(
      document.sections == ["comparison", "bytes", "macs", "latency", "rows", "reproduction"])
    for words in [
      "90.12 % ± 0.20", "−0.41 pp", "deep-compression", "finds nothing to work on", "control",
      "Not beaten in both: deep-compression, weight-sharing, control.", "5 epochs each",
      "seeds 1, 2, 3", "low-rank finds",
    ] {
      #expect(document.text.contains(words), "\(words)")
    }
  }

  @Test(arguments: HostileText.all) func hostileTextStaysText(_ text: String) throws {
    let plain = try ParsedDocument(ComparePage(Self.report("plain")).html())
    let document = try ParsedDocument(ComparePage(Self.report(text)).html())
    #expect(document.violations.isEmpty)
    #expect(document.elements["script"] == nil && document.elements["img"] == nil)
    #expect(document.elements["td"] == plain.elements["td"])
    let report = Self.report(text)
    #expect(try CompareReport(json: Data(report.json().utf8), source: "a") == report)
  }

  @Test func nonsenseIsSurvived() throws {
    var report = Self.report()
    report.rows[0].top1 = .nan
    report.rows[1].onnxBytes = -1
    report.rows[1].pithBytes = nil
    report.rows[2].latencyMilliseconds = .infinity
    report.rows[3].macs = .max
    report.rows[4].top1Spread = .nan
    report.seeds = []
    report.baseline = nil
    report.samples = -1
    #expect(try ParsedDocument(ComparePage(report).html()).violations.isEmpty)
    #expect(try ParsedDocument(ComparePage(CompareReport(rows: [])).html()).violations.isEmpty)
    _ = MethodTable(report).table.text(color: true)
  }

  @Test func theFrontHoldsWhatNoOtherBeats() throws {
    let chart = ParetoChart(
      .bytes,
      points: [
        .init(label: "a", cost: 10, accuracy: 0.5), .init(label: "b", cost: 20, accuracy: 0.5),
        .init(label: "c", cost: 20, accuracy: 0.7), .init(label: "d", cost: 30, accuracy: 0.6),
        .init(label: "e", cost: 40, accuracy: 0.9),
      ])
    #expect(chart.front.map(\.label) == ["a", "c", "e"])
    #expect(chart.draw(width: 800) != nil)
    #expect(ParetoChart(.macs, points: []).draw(width: 800) == nil)
    #expect(
      ParetoChart(.macs, points: [.init(label: "a", cost: 0, accuracy: 1)]).draw(width: 8) == nil)
  }

  @Test func rowsAreComparedWithTheControl() {
    let table = MethodTable(Self.report())
    #expect(
      table.rows.map(\.verdict) == [.same, .same, .same, .worse, .worse, .same, .same, .unknown])
    let text = table.table.text(color: false)
    #expect(text.contains("failed") && text.contains("to control"))
    var unfinished = Self.report()
    unfinished.rows.removeLast(2)
    #expect(unfinished.headline == "4 of 6 rows done")
    #expect(MethodTable(unfinished).rows.last?.error == "not done yet")
  }

  /// Set `PITH_REPORT_FOLDER` to look at the sample.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["PITH_REPORT_FOLDER"] != nil))
  func writesSample() throws {
    let folder = URL(
      fileURLWithPath: ProcessInfo.processInfo.environment["PITH_REPORT_FOLDER"] ?? ".")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try ComparePage(Self.report()).html().write(
      to: folder.appendingPathComponent("comparison.html"), atomically: true, encoding: .utf8)
  }
}
