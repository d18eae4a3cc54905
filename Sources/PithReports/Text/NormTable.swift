/// The norms of filters layer by layer, as lines for the terminal.
public struct NormTable: Sendable {
  /// Letters of a curve.
  private static let curve = 16
  private static let bars = Array("▁▂▃▄▅▆▇█")

  private let layers: [LayerNorms]

  public init(_ layers: [LayerNorms]) { self.layers = layers }

  public func text(color: Bool) -> String {
    var table = TextTable(
      columns: [.init("layer"), .init("filters", alignment: .trailing)]
        + ["least", "quarter", "median", "three quarters", "largest"].map {
          .init($0, alignment: .trailing)
        } + [.init("from the largest")])
    for layer in layers {
      let quantiles = [0, 0.25, 0.5, 0.75, 1].map { share in
        TextTable.Cell(layer.quantile(share).map(Format.significant) ?? Format.missing)
      }
      table.add(
        [.init(layer.name), .init(Format.exact(layer.l1.count))] + quantiles
          + [.init(Self.sparkline(layer))])
    }
    return table.text(color: color)
  }

  /// The sorted norms as a curve of letters.
  static func sparkline(_ layer: LayerNorms) -> String {
    let shares = layer.shares
    let count = min(curve, shares.count)
    return String(
      (0..<count).map { index in
        let place = count > 1 ? index * (shares.count - 1) / (count - 1) : 0
        return bars[min(Int(shares[place] * Double(bars.count)), bars.count - 1)]
      })
  }
}
