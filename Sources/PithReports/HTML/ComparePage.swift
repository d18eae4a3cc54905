/// The report of a comparison for people: one HTML file that needs nothing else, made as the report
/// of a compression is.
public struct ComparePage: Sendable {
  public let report: CompareReport

  public init(_ report: CompareReport) { self.report = report }

  /// The whole document.
  public func html() -> String {
    HTMLReport.document(title: "\(DisplayText.brief(report.model)): \(report.headline)") {
      Markup("main") {
        header
        HTMLReport.warnings(report.warnings)
        tableSection
        picture(.bytes, "bytes", "Accuracy against size") { $0.smallestBytes.map(Double.init) }
        picture(.macs, "macs", "Accuracy against multiply-accumulates") { $0.macs.map(Double.init) }
        picture(.milliseconds, "latency", "Accuracy against latency") { $0.latencyMilliseconds }
        rowSection
        reproductionSection
      }
      footer
    }
  }

  private var header: Markup {
    Markup("header") {
      Markup("p", ["class": "brand"]) {
        HTMLReport.mark
        "Pith comparison"
      }
      Markup("h1") { DisplayText.brief(report.model) }
      Markup("p", ["class": "headline"]) { "\(DisplayText.brief(report.headline, limit: 400))." }
      Markup("p", ["class": "facts"]) { facts.joined(separator: " · ") }
    }
  }

  private var facts: [String] {
    var facts = [report.created.map { Format.timestamp($0) }].compactMap(\.self)
    if let data = report.data { facts.append(DisplayText.brief(data)) }
    facts.append(report.epochs == 1 ? "1 epoch each" : "\(report.epochs) epochs each")
    let seeds = report.seeds.map { "\($0)" }.joined(separator: ", ")
    facts.append(report.seeds.count == 1 ? "seed \(seeds)" : "seeds \(seeds)")
    facts.append("took \(Format.duration(report.seconds))")
    return facts
  }

  // MARK: - Table

  private var tableSection: Markup {
    let table = MethodTable(report)
    return HTMLReport.section("comparison", "All rows") {
      HTMLReport.scrolling("All rows") {
        Markup("table", ["class": "methods"]) {
          Markup("thead") {
            Markup("tr") {
              Markup("th", ["scope": "col", "class": "index"]) { "#" }
              Markup("th", ["scope": "col"]) { "row" }
              for column in table.columns {
                Markup("th", ["scope": "col", "class": "number"]) { column }
              }
            }
          }
          Markup("tbody") {
            for (index, row) in table.rows.enumerated() {
              tableRow(row, number: index - unnumbered, columns: table.columns)
            }
          }
        }
      }
      for note in notes { Markup("p", ["class": "note"]) { note } }
    }
  }

  /// Models in the table that are not compressed, which stand first.
  private var unnumbered: Int {
    (report.baseline == nil ? 0 : 1) + (report.control == nil ? 0 : 1) - 1
  }

  private func tableRow(_ row: MethodTable.Row, number: Int, columns: [String]) -> Markup {
    Markup("tr") {
      Markup("td", ["class": "index"]) { number > 0 ? "\(number)" : "" }
      Markup("th", ["scope": "row"]) { DisplayText.brief(row.name) }
      if let error = row.error {
        Markup("td", ["class": "change worse", "colspan": "\(columns.count)"]) {
          DisplayText.brief(error, limit: 400)
        }
      }
      for (index, cell) in row.cells.enumerated() {
        let isChange = index == 1 && columns.first == "top-1"
        Markup("td", ["class": isChange ? "number change \(row.verdict)" : "number"]) { cell }
      }
    }
  }

  private var notes: [String] {
    var notes: [String] = []
    if let reference = report.reference, let samples = report.samples,
      let interval = Comparison.interval(of: reference, samples: samples)
    {
      notes.append(
        "Accuracy on \(Format.exact(samples)) test samples, read once for each model at its end: the "
          + "95 % interval of one figure is ±\(Format.fixed(interval * 100, decimals: 2)) pp.")
      notes.append(
        report.seeds.count > 1
          ? "± is the standard deviation over \(report.seeds.count) seeds; sizes and counts are means."
          : "One seed: to claim a difference below one point, compare with at least three.")
    }
    if report.control != nil {
      notes.append("The control is the given model, trained as long as each row, not compressed.")
    }
    notes.append(
      "Dense and sparse are median latencies at batch 1 with zeros computed and with zeros skipped."
    )
    return notes
  }

  // MARK: - Pictures

  private func picture(
    _ cost: ParetoChart.Cost, _ identifier: String, _ heading: String,
    of value: (CompareReport.Row) -> Double?
  ) -> Markup? {
    var points = report.rows.enumerated().compactMap { index, row -> ParetoChart.Point? in
      guard row.isFinished, let accuracy = row.top1, let cost = value(row),
        (0...1).contains(accuracy), cost > 0, cost < 1e18
      else { return nil }
      return .init(
        label: DisplayText.brief(row.title), cost: cost, accuracy: accuracy,
        spread: row.top1Spread, number: index + 1)
    }
    if let control = report.control, let accuracy = control.top1, let cost = value(control) {
      points.append(
        .init(
          label: "control", cost: cost, accuracy: accuracy, spread: control.top1Spread))
    }
    let chart = ParetoChart(cost, points: points)
    let description = points.map {
      "\($0.label): \(cost.words($0.cost)), \(Format.percent($0.accuracy))"
    }
    guard
      let picture = HTMLReport.picture(
        "\(identifier)-picture", title: "\(heading): top-1 against \(cost.title)",
        description: description.joined(separator: "; "),
        draw: { width in chart.draw(width: width, height: width < 500 ? 260 : 320) })
    else { return nil }
    return HTMLReport.section(identifier, heading) {
      Markup("figure") { picture }
      Markup("p", ["class": "note"]) {
        "Not beaten in both: " + chart.front.map(\.label).joined(separator: ", ") + "."
      }
    }
  }

  // MARK: - Rows

  private var rowSection: Markup {
    HTMLReport.section("rows", "What each row did") {
      Markup("ol", ["class": "steps"]) {
        for row in report.rows { item(row) }
      }
    }
  }

  private func item(_ row: CompareReport.Row) -> Markup {
    Markup("li") {
      Markup("h3") {
        DisplayText.brief(row.title)
        Markup("span", ["class": "time"]) { Format.duration(row.trainingSeconds) }
      }
      for run in row.runs { Markup("p", ["class": "effect"]) { words(run) } }
      for step in row.steps {
        Markup("details") {
          Markup("summary") { DisplayText.brief(step.method) }
          Markup("dl", ["class": "settings"]) {
            for (name, value) in step.settings.sorted(by: { $0.key < $1.key }) {
              Markup("div") {
                Markup("dt") { DisplayText.brief(name) }
                Markup("dd") { DisplayText.brief(value.description) }
              }
            }
          }
        }
      }
    }
  }

  private func words(_ run: CompareReport.Run) -> String {
    var parts = ["seed \(run.seed)"]
    if let error = run.error { parts.append("failed: \(DisplayText.brief(error, limit: 400))") }
    if let result = run.result {
      if let top1 = result.top1 { parts.append("top-1 \(Format.percent(top1))") }
      if let held = run.validationTop1 { parts.append("validation \(Format.percent(held))") }
      parts.append(Format.bytes(result.smallestBytes))
    }
    if let folder = run.folder { parts.append(DisplayText.brief(folder)) }
    return parts.joined(separator: " · ")
  }

  private var reproductionSection: Markup {
    HTMLReport.section("reproduction", "How to reproduce") {
      Markup("pre", ["class": "command", "tabindex": "0"]) { Markup("code") { report.command } }
      Markup("details") {
        Markup("summary") { "Everything resolved" }
        Markup("pre", ["tabindex": "0"]) { Markup("code") { report.recipe } }
      }
      HTMLReport.facts(
        HTMLReport.machineFacts(
          report.machine, threads: report.threads, version: report.version,
          runtime: report.runtime))
    }
  }

  private var footer: Markup {
    Markup("footer") {
      Markup("p") {
        """
        A size is the bytes of one file that holds everything needed to run the model; 1 MB is \
        1,000,000 bytes. Multiply-accumulates are those of Conv, Gemm and MatMul at batch 1.
        """
      }
    }
  }
}
