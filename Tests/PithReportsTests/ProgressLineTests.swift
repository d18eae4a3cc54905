import Foundation
import PithReports
import Testing

@Suite struct ProgressLineTests {
  private let line = ProgressLine(
    task: "pruning", step: 2, steps: 3, epoch: 3, epochs: 8, fraction: 0.645, loss: 0.02134,
    top1: 0.9871, imagesPerSecond: 2310, secondsLeft: 42)

  @Test func aWideTerminalShowsEverything() {
    #expect(
      line.terminal(columns: 120, color: false)
        == "pruning 2/3  epoch 3/8  ━━━━━━━━━━━━━━━━━━━───────────  64 %  loss 0.0213  "
        + "top-1 98.71 %  2,310 img/s  0:42 left")
  }

  @Test(arguments: 2...140) func noLineIsTooLong(_ columns: Int) {
    let text = line.terminal(columns: columns, color: false)
    #expect(text.count <= columns)
    if columns >= 45 { #expect(text.contains("0:42 left")) }
  }

  @Test func theBarGrowsSteadily() {
    let lengths = (0...60).map { step in
      ProgressLine(task: "t", fraction: Double(step) / 60).terminal(columns: 80, color: false)
        .reduce(0) { $0 + ($1 == "━" ? 2 : $1 == "╸" ? 1 : 0) }
    }
    #expect(lengths == Array(0...60))
  }

  @Test func fractionsAreKeptInBounds() {
    #expect(ProgressLine(task: "t", fraction: .nan).fraction == 0)
    #expect(ProgressLine(task: "t", fraction: -.infinity).fraction == 0)
    #expect(ProgressLine(task: "t", fraction: 7).fraction == 1)
  }

  @Test func plainLinesHaveNoBar() {
    #expect(
      line.plain
        == "pruning 2/3, epoch 3/8, 64 %, loss 0.0213, top-1 98.71 %, 2,310 img/s, 42.0 s left")
    #expect(ProgressLine(task: "packing", fraction: 0.5).plain == "packing, 50 %")
  }

  @Test func colorOnlyWhereAsked() {
    #expect(!line.terminal(columns: 120, color: false).contains("\u{1b}"))
    #expect(line.terminal(columns: 120, color: true).contains("\u{1b}[36m"))
  }

  @Test func programsGetOneObjectOnOneLine() throws {
    let text = try line.json()
    #expect(!text.contains("\n"))
    #expect(text.hasPrefix(#"{"event": "progress", "task": "pruning", "step": 2, "#))
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(
      Set(object.keys) == [
        "event", "task", "step", "steps", "epoch", "epochs", "fraction", "loss", "top1",
        "imagesPerSecond", "secondsLeft",
      ])
    #expect(object["fraction"] as? Double == 0.645)
  }
}

@Suite struct LatencySummaryTests {
  /// `numpy.percentile([3, 1, 4, 1, 5, 9, 2, 6], [50, 90, 99])` of NumPy 2.4.6.
  @Test func percentilesAreNumPys() throws {
    let summary = try #require(LatencySummary(milliseconds: [3, 1, 4, 1, 5, 9, 2, 6]))
    #expect(summary.min == 1)
    #expect(summary.p50 == 3.5)
    #expect(abs(summary.p90 - 6.9) < 1e-12)
    #expect(abs(summary.p99 - 8.79) < 1e-12)
    #expect(summary.mean == 3.875)
  }

  @Test func nothingMeasuredGivesNothing() {
    #expect(LatencySummary(milliseconds: []) == nil)
    #expect(LatencySummary(milliseconds: [.nan, .infinity]) == nil)
  }

  @Test func noiseIsNamed() {
    #expect(LatencySummary(min: 1, p50: 1, p90: 1.1, p99: 1.2, mean: 1).noiseWarning == nil)
    #expect(LatencySummary(min: 1, p50: 1, p90: 1.5, p99: 2, mean: 1.2).noiseWarning != nil)
  }
}
