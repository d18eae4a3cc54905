extension HTMLReport {
  private static let classesInMatrix = 20
  private static let pairsShown = 20

  /// Which classes are taken for which: in full for a few classes, the worst pairs for many.
  var confusionSection: Markup? {
    guard let counts = report.confusion,
      let map = HeatMap(counts: counts, names: report.classNames)
    else { return nil }
    let isWhole = counts.count <= Self.classesInMatrix
    return Self.section("confusion", isWhole ? "Confusion matrix" : "Most frequent mistakes") {
      if isWhole {
        Self.scrolling("Confusion matrix") { map.matrix() }
      } else {
        Markup("p", ["class": "note"]) {
          "Among \(counts.count) classes; the whole matrix is in report.json."
        }
        pairs(map)
      }
    }
  }

  private func pairs(_ map: HeatMap) -> Markup {
    Self.scrolling("Most frequent mistakes") {
      Markup("table") {
        Markup("thead") {
          Markup("tr") {
            Markup("th", ["scope": "col"]) { "true class" }
            Markup("th", ["scope": "col"]) { "predicted as" }
            Markup("th", ["scope": "col", "class": "number"]) { "samples" }
            Markup("th", ["scope": "col", "class": "number"]) { "of the class" }
          }
        }
        Markup("tbody") {
          for pair in map.confusions(limit: Self.pairsShown) {
            Markup("tr") {
              Markup("th", ["scope": "row"]) { DisplayText.brief(map.names[pair.truth]) }
              Markup("td") { DisplayText.brief(map.names[pair.prediction]) }
              Markup("td", ["class": "number"]) { Format.exact(pair.count) }
              Markup("td", ["class": "number"]) { Format.percent(pair.share, decimals: 1) }
            }
          }
        }
      }
    }
  }
}
