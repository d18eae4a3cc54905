/// The positions of the non-zero symbols of a sparse sequence as gaps of a fixed width, the format
/// of Deep Compression (Han, Mao and Dally, ICLR 2016, figure 2).
///
/// A gap is the number of zeros before a symbol. Where it does not fit into `gapBits` bits, a
/// filler zero is stored after the largest gap and counting starts anew.
public struct RelativeIndex: Sendable, Hashable {
  /// Bits of a gap: 8 for convolutions, 5 for fully connected layers in the paper.
  public let gapBits: Int
  /// Zeros before each stored symbol, each below 2^gapBits.
  public let gaps: [UInt8]
  /// The stored symbols, fillers included.
  public let values: [UInt8]

  /// The non-`zero` symbols of a sequence.
  public init(_ symbols: [UInt8], zero: UInt8, gapBits: Int) {
    self.gapBits = min(max(gapBits, 1), 8)
    let largest = (1 << self.gapBits) - 1
    var gaps: [UInt8] = []
    var values: [UInt8] = []
    var run = 0
    for symbol in symbols {
      if symbol != zero || run == largest {
        gaps.append(UInt8(run))
        values.append(symbol)
        run = 0
      } else {
        run += 1
      }
    }
    self.gaps = gaps
    self.values = values
  }

  /// An index that was read; the arrays must be of equal length.
  init(gapBits: Int, gaps: [UInt8], values: [UInt8]) {
    self.gapBits = gapBits
    self.gaps = gaps
    self.values = values
  }

  /// The sequence of `count` symbols, or nil when the gaps lead past its end.
  public func expanded(count: Int, zero: UInt8) -> [UInt8]? {
    var symbols = [UInt8](repeating: zero, count: count)
    var position = 0
    for (gap, value) in zip(gaps, values) {
      position += Int(gap)
      guard position < count else { return nil }
      symbols[position] = value
      position += 1
    }
    return symbols
  }
}
