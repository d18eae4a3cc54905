import Foundation
import PithReports
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct HTMLReportTests {
  @Test(arguments: [SampleReports.compress, SampleReports.withoutData])
  func isWellFormedAndSelfContained(_ report: CompressReport) throws {
    let html = HTMLReport(report).html()
    let document = try ParsedDocument(html)
    #expect(document.violations.isEmpty)
    #expect(html.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
    for word in ["http://", "https://", "<script", "src=", "url(", "@import", "<link"] {
      #expect(!html.contains(word), "\(word)")
    }
  }

  @Test func whatStepsToldStandsWithThem() throws {
    let document = try ParsedDocument(HTMLReport(SampleReports.compress).html())
    #expect(document.text.contains("fc3 stays whole: it is <small>"))
  }

  @Test(arguments: HostileText.all) func hostileTextStaysText(_ text: String) throws {
    let plain = try ParsedDocument(HTMLReport(SampleReports.hostile("plain")).html())
    let document = try ParsedDocument(HTMLReport(SampleReports.hostile(text)).html())
    #expect(document.violations.isEmpty)
    #expect(
      document.elements["script"] == nil && document.elements["img"] == nil
        && document.elements["style"] == plain.elements["style"])
    #expect(document.elements["td"] == plain.elements["td"])
    #expect(document.elements["pre"] == plain.elements["pre"] || text.isEmpty)
    let harmful = document.text.unicodeScalars.contains {
      ($0.value < 0x20 && $0 != "\n" && $0 != "\t") || (0x202a...0x202e).contains($0.value)
        || (0x2066...0x2069).contains($0.value)
    }
    #expect(!harmful)
  }

  @Test func anEndlessNameIsShortened() throws {
    var report = SampleReports.compress
    report.model = String(repeating: "long", count: 2500)
    report.layers[0].name = report.model
    report.classNames[0] = report.model
    let usual = HTMLReport(SampleReports.compress).html().utf8.count
    #expect(HTMLReport(report).html().utf8.count < usual + 10_000)
  }

  @Test func theRecipeIsKeptToTheLetter() throws {
    var report = SampleReports.compress
    report.recipe = "model: \"a & b\"\nsteps:\n  - pruning: {sparsity: 0.9} # <half>\n"
    let document = try ParsedDocument(HTMLReport(report).html())
    #expect(document.text.contains(report.recipe))
  }

  @Test func everySectionIsThere() throws {
    let document = try ParsedDocument(HTMLReport(SampleReports.compress).html())
    #expect(
      document.sections == [
        "comparison", "history", "layer-sizes", "layers", "confusion", "steps", "reproduction",
        "machine",
      ])
    for words in [
      "13.1 MB → 90.3 KB, 145× smaller;", "92.26 %", "non-zero parameters", "weight-sharing",
      "ONNX Runtime runs the pruned model no faster", "AMD EPYC", "initialization", "6 min 53 s",
      "pith compress mnist-cnn.onnx", "T-shirt/top", "32×1×5×5", "control",
    ] {
      #expect(document.text.contains(words), "\(words)")
    }
  }

  @Test func normsAreDrawnWhereTheyDecided() throws {
    var report = SampleReports.compress
    report.norms = (0..<10).map { layer in
      LayerNorms(name: "conv\(layer)", l1: (0..<16).map { Double($0 * $0 + layer * 20) })
    }
    let document = try ParsedDocument(HTMLReport(report).html())
    #expect(document.sections.contains("norms"))
    #expect(document.text.contains("conv7") && !document.text.contains("conv8"))
    report.norms = [LayerNorms(name: "broken", l1: [.nan, 1])]
    #expect(try !ParsedDocument(HTMLReport(report).html()).sections.contains("norms"))
  }

  @Test func whatWasNotMeasuredIsSaid() throws {
    let document = try ParsedDocument(HTMLReport(SampleReports.withoutData).html())
    #expect(document.text.contains("accuracy not measured"))
    #expect(document.text.contains("not measured: no data was given"))
    #expect(document.sections.contains("history"))
    #expect(!document.sections.contains("confusion"))
    #expect(!document.text.contains("nan"))
  }

  /// Wilson's interval for 9,221 of 10,000 is 0.91668 to 0.92719 (SciPy 1.17.1,
  /// `binomtest(9221, 10000).proportion_ci(method="wilson")`).
  @Test func theIntervalIsWilsons() throws {
    let document = try ParsedDocument(HTMLReport(SampleReports.compress).html())
    #expect(document.text.contains("±0.53 pp"))
  }

  @Test func manyClassesGiveTheWorstPairs() throws {
    var report = SampleReports.compress
    report.confusion = (0..<40).map { row in
      (0..<40).map { column in column == row ? 50 : column == row + 1 ? row : 0 }
    }
    let document = try ParsedDocument(HTMLReport(report).html())
    #expect(document.text.contains("Most frequent mistakes"))
    #expect(document.text.contains("Among 40 classes"))
  }

  /// A report must be written even where its figures make no sense.
  @Test func nonsenseIsSurvived() throws {
    var report = SampleReports.compress
    report.baseline = Measurements(
      top1: .nan, top5: -.infinity, loss: .infinity, parameters: 0, nonzeroParameters: -1,
      macs: .min, onnxBytes: 0, pithBytes: .max, latencyMilliseconds: -1)
    report.result = report.baseline
    report.control = report.baseline
    report.samples = -1
    report.seconds = .nan
    report.confusion = [[1, 2], [3]]
    report.classNames = []
    report.history = [
      .init(label: "a", bytes: 0, top1: .nan), .init(label: "b", bytes: .min, top1: 7),
    ]
    report.layers[0].before = .init(onnxBytes: -5, bits: .nan, sparsity: 40)
    report.layers[0].after = .init(pithBytes: .max, bits: -.infinity, sparsity: -3)
    report.layers[1].before = nil
    report.layers[2].after = nil
    report.threads = -1
    #expect(try ParsedDocument(HTMLReport(report).html()).violations.isEmpty)
    _ = try report.json()
    report.confusion = [[.max, .max], [.max, -1]]
    #expect(try ParsedDocument(HTMLReport(report).html()).violations.isEmpty)
    report.confusion = [[.max, .max], [.max, .max]]
    #expect(try ParsedDocument(HTMLReport(report).html()).violations.isEmpty)
  }

  /// Set `PITH_REPORT_FOLDER` to look at the samples.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["PITH_REPORT_FOLDER"] != nil))
  func writesSamples() throws {
    let folder = URL(
      fileURLWithPath: ProcessInfo.processInfo.environment["PITH_REPORT_FOLDER"] ?? ".")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, report) in [
      ("report", SampleReports.compress), ("without-data", SampleReports.withoutData),
      ("hostile", SampleReports.hostile(HostileText.all.joined(separator: " "))),
    ] {
      try HTMLReport(report).html().write(
        to: folder.appendingPathComponent(name + ".html"), atomically: true, encoding: .utf8)
      try report.json().write(
        to: folder.appendingPathComponent(name + ".json"), atomically: true, encoding: .utf8)
    }
  }
}

/// What an XML parser sees in a report, and what of it should not be there.
final class ParsedDocument: NSObject, XMLParserDelegate {
  private(set) var elements: [String: Int] = [:]
  private(set) var sections: [String] = []
  private(set) var text = ""
  private(set) var violations: [String] = []
  private var identifiers: Set<String> = []
  private var references: [String] = []

  init(_ html: String) throws {
    super.init()
    let parser = XMLParser(data: Data(html.utf8))
    parser.delegate = self
    let isParsed = parser.parse()
    if !isParsed {
      violations.append("line \(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "?")")
    }
    violations += references.filter { !identifiers.contains($0) }.map { "no element is '\($0)'" }
  }

  func parser(
    _ parser: XMLParser, didStartElement element: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    elements[element, default: 0] += 1
    if element == "section", let identifier = attributes["id"] { sections.append(identifier) }
    if element == "svg", attributes["role"] != "img", attributes["aria-hidden"] != "true" {
      violations.append("a picture without a role")
    }
    if element == "th", attributes["scope"] == nil { violations.append("a heading without scope") }
    for (name, value) in attributes {
      if name.hasPrefix("on") || ["href", "src", "srcdoc", "action"].contains(name) {
        violations.append("attribute \(name)")
      }
      if name == "id", !identifiers.insert(value).inserted {
        violations.append("id \(value) twice")
      }
      if name == "aria-labelledby" { references += value.split(separator: " ").map(String.init) }
      if ["x", "y", "cx", "cy", "r", "points", "width", "height"].contains(name),
        value.contains("nan") || value.contains("inf")
      {
        violations.append("\(element) \(name)=\(value)")
      }
    }
  }

  func parser(_ parser: XMLParser, foundCharacters characters: String) { text += characters }
}
