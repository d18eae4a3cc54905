import PithReports
import Testing

@Suite struct ChartTests {
  @Test func confusionsAreSortedByCount() throws {
    let map = try #require(
      HeatMap(counts: [[5, 3, 2], [0, 9, 1], [7, 0, 3]], names: ["a", "b"]))
    let pairs = map.confusions(limit: 3)
    #expect(pairs.map(\.truth) == [2, 0, 0])
    #expect(pairs.map(\.prediction) == [0, 1, 2])
    #expect(pairs.first?.share == 0.7)
    #expect(map.names == ["a", "b", "2"])
  }

  @Test func whatIsNoMatrixIsRefused() {
    #expect(HeatMap(counts: [], names: []) == nil)
    #expect(HeatMap(counts: [[1, 2], [3]], names: []) == nil)
    #expect(HeatMap(counts: [[1, -2], [3, 4]], names: []) == nil)
    #expect(HeatMap(counts: [[0]], names: []) == nil)
  }

  @Test func thereIsNothingToDrawWithoutPoints() {
    #expect(LineChart(points: []).draw(width: 400) == nil)
    #expect(
      LineChart(points: [.init(label: "a", bytes: 0, accuracy: 0.5)]).draw(width: 400) == nil)
    #expect(
      LineChart(points: [.init(label: "a", bytes: 1, accuracy: 7)]).draw(width: 400) == nil)
    #expect(BarChart(rows: []).draw(width: 400) == nil)
    #expect(
      BarChart(rows: [.init(label: "a", before: nil, after: 0)]).draw(width: 400) == nil)
  }

  /// A decade apart in bytes is the same way on the axis, wherever it lies.
  @Test func sizesLieOnALogarithmicAxis() throws {
    let chart = LineChart(
      points: [10_000_000, 1_000_000, 100_000].map {
        .init(label: "p", bytes: $0, accuracy: 0.9)
      })
    let markup = try #require(chart.draw(width: 800)).markup(
      identifier: "a", title: "t", description: "d"
    ).text
    let places = numbers(of: "cx", in: markup)
    #expect(places.count == 3)
    #expect(abs((places[2] - places[1]) - (places[1] - places[0])) < 0.2)
  }

  @Test func equalPointsAreDrawn() throws {
    let point = LineChart.Point(label: "same", bytes: .max, accuracy: 1)
    let svg = try #require(LineChart(points: [point, point], aside: point).draw(width: 400))
    let text = svg.markup(identifier: "a", title: "t", description: "d").text
    #expect(!text.contains("nan") && !text.contains("inf"))
  }

  @Test func markupEscapesTextAndAttributes() {
    let markup = Markup("p", ["title": "\"a\" & 'b'\n", "class": nil]) {
      "1 < 2 & 3 > 2"
      Markup("br")
    }
    #expect(
      markup.text
        == "<p title=\"&quot;a&quot; &amp; &#39;b&#39;&#10;\">1 &lt; 2 &amp; 3 &gt; 2<br/></p>\n")
  }

  private func numbers(of attribute: String, in text: String) -> [Double] {
    text.split(separator: " ").compactMap { word in
      word.hasPrefix(attribute + "=\"")
        ? Double(word.dropFirst(attribute.count + 2).dropLast()) : nil
    }
  }
}
