import Foundation
import PithReports
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct HTMLReportTests {
  static let reports = [
    SampleReports.compress, SampleReports.withoutData, SampleReports.hostile("plain"),
  ]

  /// Set `PITH_REPORT_FOLDER` to look at the samples.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["PITH_REPORT_FOLDER"] != nil))
  func writesSamples() throws {
    let folder = URL(
      fileURLWithPath: ProcessInfo.processInfo.environment["PITH_REPORT_FOLDER"] ?? ".")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var manyClasses = SampleReports.hostile(HostileTextTests.texts.joined(separator: " "))
    manyClasses.confusion = (0..<100).map { row in
      (0..<100).map { $0 == row ? 80 : ($0 * 7 + row * 3) % 90 == 0 ? 11 : 0 }
    }
    for (name, report) in [
      ("report", SampleReports.compress), ("without-data", SampleReports.withoutData),
      ("hostile", manyClasses),
    ] {
      try HTMLReport(report).html().write(
        to: folder.appendingPathComponent(name + ".html"), atomically: true, encoding: .utf8)
      try report.json().write(
        to: folder.appendingPathComponent(name + ".json"), atomically: true, encoding: .utf8)
    }
  }
}
enum HostileTextTests { static let texts = ["<script>alert(1)</script>", "\"'&<>", "]]>", "a\nb\u{0}\u{202e}"] }
