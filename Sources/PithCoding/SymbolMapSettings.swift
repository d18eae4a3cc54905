import CPithKernels

/// The settings of a symbol map as both sides derive them from what is stored.
struct SymbolMapSettings {
  let raster: SymbolRaster
  let symbols: Int
  let zero: Int?
  /// The square root of the share of other symbols than zero, in 1/255 and at least that.
  let densityCode: Int
  let lags: [Int]?

  static func densityCode(others: Int, count: Int) -> Int {
    let share = Double(others) / Double(max(count, 1))
    return min(max(Int((share.squareRoot() * 255).rounded()), 1), 255)
  }

  var map: pith_symbol_map {
    let lags = lags ?? raster.usualLags
    return pith_symbol_map(
      rows: raster.rows, columns: raster.columns, inner: max(raster.inner, 1),
      symbols: UInt32(symbols), zero: UInt32(zero ?? symbols),
      density: UInt32(densityCode * densityCode), lags: (lags[0], lags[1]))
  }
}
