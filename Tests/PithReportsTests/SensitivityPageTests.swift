import Foundation
import PithReports
import Testing

@Suite struct SensitivityPageTests {
  /// A network of twenty layers, of which the first and the last bear least.
  static func report(_ name: String = "layer", isLabelled: Bool = true) -> SensitivityReport {
    let ratios = (1...9).map { Double($0) / 10 }
    var layers = (0..<20).map { index in
      let weakness = index == 0 ? 6.0 : index == 19 ? 4 : 0.3 + 1.5 / Double(1 + index)
      return SensitivityReport.Layer(
        name: "\(name)\(index).conv", parameters: 432 << (index / 5),
        points: ratios.map { ratio in
          let divergence = weakness * ratio * ratio * ratio
          return .init(
            ratio: ratio, reached: ratio,
            top1: isLabelled ? 0.1 + 0.81 * exp(-divergence) : nil, divergence: divergence)
        })
    }
    layers.append(.init(name: "head", parameters: 10, reason: "no rule for it"))
    return SensitivityReport(
      kind: .weights, criterion: "magnitude", divergence: .kullbackLeibler, ratios: ratios,
      layers: layers, top1: isLabelled ? 0.91 : nil, samples: 1000, model: "\(name).onnx",
      data: "cifar10:data: held out of training", seed: 1, created: SampleReports.created,
      version: "1.0", seconds: 83)
  }

  @Test(arguments: [true, false]) func isWellFormedAndSelfContained(_ isLabelled: Bool) throws {
    let document = try ParsedDocument(SensitivityPage(Self.report(isLabelled: isLabelled)).html())
    #expect(document.violations.isEmpty, "\(document.violations)")
    #expect(document.sections == ["curves", "layers"])
    #expect(document.elements["polyline"] == (isLabelled ? 80 : 40))
    #expect(document.text.contains("no rule for it"))
    #expect(document.text.contains(isLabelled ? "−1 pp at" : "Labels were not used"))
  }

  @Test(arguments: HostileText.all) func hostileTextStaysText(_ text: String) throws {
    let document = try ParsedDocument(SensitivityPage(Self.report(text)).html())
    #expect(document.violations.isEmpty)
    #expect(document.elements["script"] == nil && document.elements["img"] == nil)
  }

  @Test func nonsenseIsSurvived() throws {
    var report = Self.report()
    report.layers[0].points[0].divergence = .nan
    report.layers[1].points[0].divergence = .greatestFiniteMagnitude
    report.layers[2].points[0].top1 = -5
    report.layers[3].points = []
    report.ratios = []
    report.seconds = .infinity
    #expect(try ParsedDocument(SensitivityPage(report).html()).violations.isEmpty)
    _ = SensitivityTable(report).table.text(color: true)
    report.layers = []
    #expect(try ParsedDocument(SensitivityPage(report).html()).violations.isEmpty)
  }

  @Test func whatIsToleratedEndsBeforeTheFirstLoss() {
    let layer = SensitivityReport.Layer(
      name: "a", parameters: 1,
      points: [(0.1, 0.9), (0.2, 0.895), (0.3, 0.88), (0.4, 0.9)].map {
        .init(ratio: $0.0, reached: $0.0, top1: $0.1, divergence: 0)
      })
    #expect(layer.tolerated(losing: 0.01, of: 0.9) == 0.2)
    #expect(layer.tolerated(losing: 0, of: 0.95) == 0)
    #expect(layer.tolerated(losing: 0.01, of: nil) == nil)
  }

  /// Set `PITH_REPORT_FOLDER` to look at the sample.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["PITH_REPORT_FOLDER"] != nil))
  func writesSample() throws {
    let folder = URL(
      fileURLWithPath: ProcessInfo.processInfo.environment["PITH_REPORT_FOLDER"] ?? ".")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try SensitivityPage(Self.report()).html().write(
      to: folder.appendingPathComponent("sensitivity.html"), atomically: true, encoding: .utf8)
  }
}
