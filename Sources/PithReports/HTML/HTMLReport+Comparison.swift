extension HTMLReport {
  /// Every quantity before and after.
  var comparisonSection: Markup {
    Self.section("comparison", "Before and after") {
      Self.scrolling("Before and after") {
        Markup("table", ["class": "comparison"]) {
          Markup("thead") {
            Markup("tr") {
              Markup("td")
              Markup("th", ["scope": "col", "class": "number"]) { "before" }
              Markup("th", ["scope": "col", "class": "number"]) { "after" }
              if report.control != nil {
                Markup("th", ["scope": "col", "class": "number"]) { "control" }
              }
              Markup("th", ["scope": "col"]) { "change" }
            }
          }
          Markup("tbody") {
            for row in Comparison(report).rows { comparisonRow(row) }
          }
        }
      }
      for note in comparisonNotes { Markup("p", ["class": "note"]) { note } }
    }
  }

  private func comparisonRow(_ row: Comparison.Row) -> Markup {
    Markup("tr") {
      Markup("th", ["scope": "row"]) { row.quantity }
      Markup("td", ["class": "number"]) { row.before }
      Markup("td", ["class": "number strong"]) { row.after }
      if let control = row.control { Markup("td", ["class": "number"]) { control } }
      Markup("td", ["class": "change \(row.verdict)"]) { row.change }
    }
  }

  private var comparisonNotes: [String] {
    var notes: [String] = []
    if let samples = report.samples, let interval = accuracyInterval {
      notes.append(
        "Accuracy on \(Format.exact(samples)) test samples: the 95 % interval of one figure is "
          + "±\(Format.fixed(interval * 100, decimals: 2)) pp. This is one run (seed \(report.seed)); "
          + "to claim a difference below one point, run at least three seeds.")
    }
    if report.control != nil {
      notes.append(
        "The control is the original model trained as long as the result, without compression.")
    }
    return notes
  }

  /// Half the width of the 95 % interval of the original's accuracy (Wilson 1927).
  var accuracyInterval: Double? {
    guard let samples = report.samples, samples > 0, let top1 = report.baseline.top1,
      (0...1).contains(top1)
    else { return nil }
    let (n, z) = (Double(samples), 1.96)
    let spread = top1 * (1 - top1) / n + z * z / (4 * n * n)
    return z / (1 + z * z / n) * spread.squareRoot()
  }
}
