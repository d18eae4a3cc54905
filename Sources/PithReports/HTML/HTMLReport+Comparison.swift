extension HTMLReport {
  /// Every quantity before and after.
  var comparisonSection: Markup {
    Self.section("comparison", "Before and after") {
      Self.scrolling("Before and after") {
        Markup("table", ["class": "comparison", "role": "table"]) {
          Markup("thead", ["role": "rowgroup"]) {
            Markup("tr", ["role": "row"]) {
              Markup("td", ["role": "cell"])
              column("before", isNumber: true)
              column("after", isNumber: true)
              if report.control != nil {
                column("control", isNumber: true)
              }
              column("change")
            }
          }
          Markup("tbody", ["role": "rowgroup"]) {
            for row in Comparison(report).rows { comparisonRow(row) }
          }
        }
      }
      for note in comparisonNotes { Markup("p", ["class": "note"]) { note } }
    }
  }

  private func comparisonRow(_ row: Comparison.Row) -> Markup {
    Markup("tr", ["role": "row"]) {
      Markup("th", ["scope": "row", "role": "rowheader"]) { row.quantity }
      Markup("td", ["role": "cell", "class": "number"]) { row.before }
      Markup("td", ["role": "cell", "class": "number strong"]) { row.after }
      if let control = row.control {
        Markup("td", ["role": "cell", "class": "number"]) { control }
      }
      Markup("td", ["role": "cell", "class": "change \(row.verdict)"]) { row.change }
    }
  }

  private func column(_ title: String, isNumber: Bool = false) -> Markup {
    let style = isNumber ? "number" : nil
    return Markup("th", ["scope": "col", "role": "columnheader", "class": style]) { title }
  }

  private var comparisonNotes: [String] {
    var notes: [String] = []
    if let samples = report.samples, let interval = accuracyInterval {
      let points = Format.fixed(interval * 100, decimals: 2)
      notes.append(
        "Accuracy on \(Format.exact(samples)) test samples: the 95 % interval of one figure is "
          + "±\(points) pp. This is one run (seed \(report.seed)); "
          + "to claim a difference below one point, run at least three seeds.")
    }
    if report.control != nil {
      notes.append(
        "The control is the original model trained as long as the result, without compression.")
    } else if report.steps.contains(where: \.trains) {
      notes.append(
        "Training may have improved the model beyond what compression cost: run with --control to "
          + "see the uncompressed model after the same training.")
    }
    return notes
  }

  /// Half the width of the 95 % interval of the original's accuracy.
  var accuracyInterval: Double? {
    report.baseline.top1.flatMap { Comparison.interval(of: $0, samples: report.samples) }
  }
}
