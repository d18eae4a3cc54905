/// A confusion matrix as a table whose cells are coloured by their share of the row.
///
/// What is right is blue, what is wrong orange, and small shares are lifted so that one in a
/// hundred can still be seen. Counts stand in the cells, so that nothing hangs on colour alone.
public struct HeatMap: Sendable {
  /// Counts by true class (row) and predicted class (column).
  public let counts: [[Int]]
  public let names: [String]

  /// Nil unless the counts are square, none is negative, and at least one is not zero. Classes
  /// beyond `names` are called by their number.
  public init?(counts: [[Int]], names: [String]) {
    guard counts.allSatisfy({ $0.count == counts.count && $0.allSatisfy { $0 >= 0 } }),
      counts.contains(where: { $0.contains { $0 > 0 } })
    else { return nil }
    self.counts = counts
    self.names = counts.indices.map { $0 < names.count ? names[$0] : "\($0)" }
  }

  /// One kind of mistake.
  public struct Confusion: Sendable, Hashable {
    public var truth: Int
    public var prediction: Int
    public var count: Int
    /// Share of the samples of the true class.
    public var share: Double
  }

  /// The most frequent mistakes, at most `limit`; equal ones in the order of their classes.
  public func confusions(limit: Int) -> [Confusion] {
    let all = counts.indices.flatMap { truth in
      counts.indices.compactMap { prediction -> Confusion? in
        guard truth != prediction, counts[truth][prediction] > 0 else { return nil }
        return Confusion(
          truth: truth, prediction: prediction, count: counts[truth][prediction],
          share: share(truth, prediction))
      }
    }
    let sorted = all.sorted {
      ($1.count, $0.truth, $0.prediction) < ($0.count, $1.truth, $1.prediction)
    }
    return Array(sorted.prefix(limit))
  }

  /// Share of the samples of a class that were predicted as another, or as itself.
  public func share(_ truth: Int, _ prediction: Int) -> Double {
    let total = total(truth)
    return total > 0 ? Double(counts[truth][prediction]) / total : 0
  }

  /// The whole matrix as a table.
  public func matrix() -> Markup {
    Markup("table", ["class": "heat"]) {
      Markup("caption", ["class": "hidden"]) {
        "Samples by true class (rows) and predicted class (columns)"
      }
      Markup("thead") {
        Markup("tr") {
          Markup("th", ["scope": "col", "class": "corner"]) { "true ↓ predicted →" }
          for name in names {
            Markup("th", ["scope": "col", "title": DisplayText.brief(name)]) {
              Markup("span") { heading(name) }
            }
          }
          Markup("th", ["scope": "col"]) { Markup("span") { "correct" } }
        }
      }
      Markup("tbody") {
        for truth in counts.indices { row(truth) }
      }
    }
  }

  private func heading(_ name: String) -> String {
    DisplayText.shortened(DisplayText.visible(name), to: 12)
  }

  private func row(_ truth: Int) -> Markup {
    Markup("tr") {
      Markup("th", ["scope": "row", "title": DisplayText.brief(names[truth])]) {
        DisplayText.shortened(DisplayText.visible(names[truth]), to: 20)
      }
      for prediction in counts.indices { cell(truth, prediction) }
      Markup("td", ["class": "sum"]) {
        total(truth) > 0 ? Format.percent(share(truth, truth), decimals: 1) : Format.missing
      }
    }
  }

  private func cell(_ truth: Int, _ prediction: Int) -> Markup {
    let count = counts[truth][prediction]
    guard count > 0 else { return Markup("td", ["class": "none"]) { "0" } }
    let isRight = truth == prediction
    let share = share(truth, prediction)
    let heat = isRight ? share * 0.8 : Swift.min(1, 0.12 + share.squareRoot() * 1.1)
    let names = [truth, prediction].map { DisplayText.brief(self.names[$0]) }
    let hint = "\(names[0]) predicted as \(names[1]): \(count), \(Format.percent(share))"
    return Markup(
      "td",
      [
        "class": isRight ? "right" : "wrong", "style": "--heat:\(Int(heat * 100))%",
        "title": hint,
      ]
    ) { Format.exact(count) }
  }

  private func total(_ truth: Int) -> Double { counts[truth].reduce(0) { $0 + Double($1) } }
}
