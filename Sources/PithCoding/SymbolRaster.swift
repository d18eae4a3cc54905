import CPithKernels

/// A tensor's elements as a matrix, for the contexts of the symbol coder: outputs are rows; a
/// row holds the inputs' kernels, `inner` elements each.
struct SymbolRaster: Hashable {
  let rows: Int
  let columns: Int
  let inner: Int
  /// The last extent of a kernel.
  let line: Int

  /// The raster of `count` elements of the given shape; a single row when the two disagree, a single
  /// column when that row would be too long.
  init(shape: [Int], count: Int) {
    var product = 1
    for extent in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      product = overflow || extent <= 0 ? -1 : next
      if product < 0 { break }
    }
    if product == count, count > 0, shape.count >= 2,
      count / shape[0] <= ArchiveFormat.mostColumns
    {
      rows = shape[0]
      columns = count / shape[0]
      inner = shape[2...].reduce(1, *)
      line = shape.count > 2 ? shape[shape.count - 1] : 1
    } else {
      let isShort = count <= ArchiveFormat.mostColumns
      rows = isShort ? min(count, 1) : count
      columns = isShort ? count : 1
      inner = 1
      line = 1
    }
  }

  /// The distances to neighbours when none better are known.
  var usualLags: [Int] {
    if inner > 1 { return [max(line, 1), inner] }
    return [max(columns, 1), max(columns, 1) * 2]
  }

  /// The two distances at which significant elements coincide most often, among short ones and
  /// whole rows: neighbouring pixels and channels show as such distances.
  func bestLags(symbols: [UInt8], zero: UInt8) -> [Int] {
    let count = symbols.count
    var bits = [UInt64](repeating: 0, count: count / 64 + 1)
    for (index, symbol) in symbols.enumerated() where symbol != zero {
      bits[index >> 6] |= 1 << UInt64(index & 63)
    }
    let short = (2..<2048).filter { columns == 0 || $0 % columns != 0 }
    let whole = (1...256).map { $0 * max(columns, 1) }
    var best: [(lag: Int, share: Double)] = []
    for lag in short + whole where lag < count / 2 {
      let share = Double(pith_coincidences(bits, count, lag)) / Double(count - lag)
      best.append((lag, share))
      best.sort { ($0.share, $1.lag) > ($1.share, $0.lag) }
      if best.count > 2 { best.removeLast() }
    }
    let lags = best.map(\.lag)
    return lags.count == 2 ? lags : usualLags
  }
}
