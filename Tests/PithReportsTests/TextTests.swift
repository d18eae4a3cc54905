import Foundation
import PithReports
import Testing

@Suite struct FormatTests {
  @Test(arguments: [
    (0, "0 B"), (412, "412 B"), (999, "999 B"), (1000, "1.00 KB"), (90_304, "90.3 KB"),
    (999_499, "999 KB"), (999_999, "1.00 MB"), (13_099_862, "13.1 MB"), (-2500, "−2.50 KB"),
    (Int.max, "9.22 EB"), (Int.min, "−9.22 EB"),
  ])
  func bytesAreDecimal(_ count: Int, _ text: String) { #expect(Format.bytes(count) == text) }

  @Test(arguments: [
    (9216, "9,216"), (10_000, "10.0 k"), (3_274_634, "3.27 M"), (-5, "−5"), (999_999, "1.00 M"),
  ])
  func countsAreShort(_ count: Int, _ text: String) { #expect(Format.count(count) == text) }

  @Test func exactCountsHaveGroups() {
    #expect(Format.exact(3_274_634) == "3,274,634")
    #expect(Format.exact(1_000_007) == "1,000,007")
    #expect(Format.exact(.min) == "−9,223,372,036,854,775,808")
    #expect(Format.exact(nil) == "—")
  }

  @Test func fractionsAreInPercent() {
    #expect(Format.percent(0.99331) == "99.33 %")
    #expect(Format.percent(1, decimals: 0) == "100 %")
    #expect(Format.percent(.nan) == "—")
    #expect(Format.points(0.0002) == "+0.02 pp")
    #expect(Format.points(-0.015) == "−1.50 pp")
    #expect(Format.points(-0.000_01) == "0.00 pp")
  }

  @Test(
    arguments: [
      (145.06, "145×"), (14.55, "14.6×"), (1.8841, "1.88×"), (1450, "1,450×"), (0.5, "0.500×"),
      (99.96, "100×"), (9.999, "10.0×"), (0.01234, "0.0123×"), (0, "0×"),
    ] as [(Double, String)])
  func ratiosHaveThreeDigits(_ value: Double, _ text: String) {
    #expect(Format.ratio(value) == text)
  }

  @Test(arguments: [
    (0.42, "0.42 s"), (12.34, "12.3 s"), (59.99, "1 min 00 s"), (185, "3 min 05 s"),
    (3720, "1 h 02 min"), (183_600, "2 d 03 h"), (1e300, "11574074 d 01 h"), (-1, "—"),
  ])
  func durationsAreReadable(_ seconds: Double, _ text: String) {
    #expect(Format.duration(seconds) == text)
  }

  @Test func clocksHaveColons() {
    #expect(Format.clock(42) == "0:42")
    #expect(Format.clock(725.4) == "12:05")
    #expect(Format.clock(3723) == "1:02:03")
    #expect(Format.clock(.infinity) == "–:––")
  }

  @Test func momentsAreUniversal() {
    #expect(Format.timestamp(SampleReports.created) == "2025-03-31 14:05 UTC")
  }
}

@Suite struct TextTableTests {
  @Test func columnsAreAligned() {
    var table = TextTable(columns: [.init("layer"), .init("bytes", alignment: .trailing)])
    table.add(["conv1", "3.33 KB"])
    table.add(["fully-connected", "12.8 MB"])
    table.add(["x"])
    #expect(
      table.text(color: false) == """
        layer              bytes
        ───────────────  ───────
        conv1            3.33 KB
        fully-connected  12.8 MB
        x

        """)
  }

  @Test func wideCharactersTakeTwoColumns() {
    var table = TextTable(columns: [.init("name"), .init("n", alignment: .trailing)])
    table.add(["模型", "1"])
    table.add(["e\u{301}té", "22"])
    #expect(
      table.text(color: false) == """
        name   n
        ────  ──
        模型   1
        e\u{301}té   22

        """)
  }

  @Test func colorIsOnlyWrittenWhereAllowed() {
    var table = TextTable(columns: [.init("a")])
    table.add([.init("better", style: .good)])
    #expect(!table.text(color: false).contains("\u{1b}"))
    #expect(table.text(color: true).contains("\u{1b}[32mbetter\u{1b}[0m"))
    #expect(TextStyle.isColorAllowed(onTerminal: true, environment: [:]))
    #expect(TextStyle.isColorAllowed(onTerminal: true, environment: ["NO_COLOR": ""]))
    #expect(!TextStyle.isColorAllowed(onTerminal: true, environment: ["NO_COLOR": "1"]))
    #expect(!TextStyle.isColorAllowed(onTerminal: true, environment: ["TERM": "dumb"]))
    #expect(!TextStyle.isColorAllowed(onTerminal: false, environment: [:]))
  }

  @Test(arguments: HostileText.all) func cellsCannotSteerTheTerminal(_ text: String) {
    var table = TextTable(columns: [.init("name", limit: 30), .init("n")])
    table.add([.init(text), "1"])
    let lines = table.text(color: false).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 4)
    #expect(lines.allSatisfy { $0.count <= 40 })
    #expect(!table.text(color: false).unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
  }

  @Test func theComparisonIsATable() {
    let text = Comparison(SampleReports.compress).table.text(color: false)
    #expect(text.contains("145× smaller than the original file"))
    #expect(text.contains("92.21 %"))
    #expect(text.contains("1.88× faster"))
    #expect(text.split(separator: "\n").count == 11)
  }
}

@Suite struct ComparisonTests {
  private let model = Measurements(
    top1: 0.9, parameters: 100, nonzeroParameters: 100, onnxBytes: 400, latencyMilliseconds: 1)

  @Test func whatIsWithinTheIntervalIsTheSame() {
    var result = model
    result.top1 = 0.899
    #expect(
      Comparison(baseline: model, result: result, samples: 1000).rows.first?.verdict == .same)
    #expect(
      Comparison(baseline: model, result: result, samples: 10_000_000).rows.first?.verdict
        == .worse)
    #expect(Comparison(baseline: model, result: result).rows.first?.verdict == .worse)
  }

  @Test func losingGroundIsSaid() throws {
    var result = model
    result.onnxBytes = 800
    result.latencyMilliseconds = 1.5
    let rows = Comparison(baseline: model, result: result).rows
    #expect(rows.contains { $0.change == "2.00× larger" && $0.verdict == .worse })
    #expect(rows.contains { $0.change == "1.50× slower" && $0.verdict == .worse })
  }

  @Test func theHeadlineIsOneSentence() {
    #expect(
      Headline(SampleReports.compress).description
        == "13.1 MB → 90.3 KB, 145× smaller; top-1 92.21 % → 92.26 %; 1.88× faster")
    #expect(
      Headline(SampleReports.withoutData).description
        == "6.94 MB → 1.84 MB, 3.77× smaller; accuracy not measured")
  }

  @Test func normsAreSortedAndDrawn() {
    let layer = LayerNorms(name: "conv", l1: [1, 4, 2, 8, 0])
    #expect(layer.l1 == [8, 4, 2, 1, 0])
    #expect([0, 0.25, 0.5, 0.75, 1, 0.625].map(layer.quantile) == [0, 1, 2, 4, 8, 3])
    let text = NormTable([layer, LayerNorms(name: "dead", l1: [0, 0])]).text(color: false)
    #expect(text.contains("█▅▃▂▁") && text.contains("▁▁"))
    #expect(LayerNorms(name: "none", l1: []).quantile(0.5) == nil)
  }
}
