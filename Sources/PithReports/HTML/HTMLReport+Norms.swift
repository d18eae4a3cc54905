extension HTMLReport {
  /// Layers whose curves are named.
  private static let namedNorms = 8

  /// The sorted norms of each layer's filters, relative to the largest: a layer whose curve falls
  /// early has filters that can go (Li et al. 2017).
  var normSection: Markup? {
    guard let layers = report.norms?.filter({ $0.l1.count > 1 }), !layers.isEmpty else {
      return nil
    }
    func height(_ index: Int) -> Double {
      layers[index].shares.reduce(0, +) / Double(layers[index].l1.count)
    }
    let lowest = Set(layers.indices.sorted { height($0) < height($1) }.prefix(Self.namedNorms))
    let curves = layers.enumerated().map { index, layer in
      CurveChart.Curve(
        label: DisplayText.brief(layer.name),
        points: layer.shares.enumerated().map { place, share in
          CurveChart.Point(ratio: Double(place) / Double(layer.l1.count - 1), value: share)
        }, isNamed: lowest.contains(index))
    }
    let chart = CurveChart(
      curves: curves, title: "L1 norm, of the layer's largest", isFraction: true,
      axis: "share of the layer's filters, the largest first")
    let picture = Self.picture(
      "norm-picture", title: "Sorted L1 norms of each layer's filters",
      description: "\(curves.count) curves, one for each layer of the original model",
      draw: { chart.draw(width: $0, height: $0 < 500 ? 260 : 340) })
    guard let picture else { return nil }
    return Self.section("norms", "Norms of filters before") {
      Markup("figure") { picture }
      if layers.count > Self.namedNorms {
        Markup("p", ["class": "note"]) {
          "Named are the \(Self.namedNorms) layers whose curves lie lowest."
        }
      }
    }
  }
}
