/// Huffman codes of a tensor with few distinct elements.
///
/// Layout: entries less one (a byte); the entries; the zero symbol (a byte); bits of a gap, 0 for
/// a dense sequence (a byte); the number of codewords of values; then as bits, the lengths of the
/// codewords (five bits each, of values, then of gaps) and the codewords, gap before value.
enum HuffmanPalette {
  static func encode(_ palette: Palette, gapBits: Int) -> [UInt8] {
    let dense = encode(palette, palette.symbols, gaps: nil, gapBits: 0)
    let index = RelativeIndex(
      palette.symbols, zero: UInt8(palette.mostFrequent), gapBits: gapBits)
    let relative = encode(palette, index.values, gaps: index.gaps, gapBits: gapBits)
    return relative.count < dense.count ? relative : dense
  }

  private static func encode(
    _ palette: Palette, _ values: [UInt8], gaps: [UInt8]?, gapBits: Int
  ) -> [UInt8] {
    var bytes: [UInt8] = [UInt8(palette.entries.count - 1)]
    for entry in palette.entries { bytes.append(number: entry, bytes: palette.format.byteWidth) }
    bytes.append(UInt8(palette.mostFrequent))
    bytes.append(UInt8(gapBits))
    bytes.append(count: values.count)
    var writer = BitWriter()
    let valueCode = HuffmanCode(counts: histogram(values, palette.entries.count))
    let gapCode = gaps.map { HuffmanCode(counts: histogram($0, 1 << gapBits)) }
    for length in valueCode.lengths + (gapCode?.lengths ?? []) {
      writer.write(UInt64(length), count: 5)
    }
    for index in values.indices {
      if let gaps, let gapCode { gapCode.write(Int(gaps[index]), to: &writer) }
      valueCode.write(Int(values[index]), to: &writer)
    }
    return bytes + writer.bytes
  }

  private static func histogram(_ symbols: [UInt8], _ size: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: size)
    for symbol in symbols { counts[Int(symbol)] += 1 }
    return counts
  }

  /// Fills the elements; false when the bytes do not describe that many.
  static func decode(_ bytes: ArraySlice<UInt8>, into elements: inout ElementBytes) -> Bool {
    var reader = ByteReader(bytes, section: "", origin: 0)
    do throws(CodingError) {
      let entryCount = Int(try reader.byte()) + 1
      var entries: [UInt64] = []
      for _ in 0..<entryCount {
        entries.append(try reader.number(bytes: elements.format.byteWidth))
      }
      let zero = try reader.byte()
      let gapBits = Int(try reader.byte())
      let valueCount = try reader.count()
      guard Int(zero) < entryCount, gapBits <= 8, valueCount <= elements.count else { return false }
      let symbols = decodeSymbols(
        BitReader(bytes[reader.position...]), entryCount, gapBits, valueCount, zero,
        count: elements.count)
      guard let symbols else { return false }
      elements.fill { entries[Int(symbols[$0])] }
      return true
    } catch {
      return false
    }
  }

  private static func decodeSymbols(
    _ bits: BitReader, _ entryCount: Int, _ gapBits: Int, _ valueCount: Int, _ zero: UInt8,
    count: Int
  ) -> [UInt8]? {
    var bits = bits
    guard let valueCode = readCode(&bits, size: entryCount) else { return nil }
    guard valueCount <= bits.bitsLeft else { return nil }
    if gapBits == 0 {
      guard valueCount == count else { return nil }
      var symbols: [UInt8] = []
      symbols.reserveCapacity(count)
      for _ in 0..<count {
        guard let symbol = valueCode.read(from: &bits) else { return nil }
        symbols.append(UInt8(symbol))
      }
      return symbols
    }
    guard let gapCode = readCode(&bits, size: 1 << gapBits) else { return nil }
    var gaps: [UInt8] = []
    var values: [UInt8] = []
    for _ in 0..<valueCount {
      guard let gap = gapCode.read(from: &bits), let value = valueCode.read(from: &bits) else {
        return nil
      }
      gaps.append(UInt8(gap))
      values.append(UInt8(value))
    }
    return RelativeIndex(gapBits: gapBits, gaps: gaps, values: values)
      .expanded(count: count, zero: zero)
  }

  private static func readCode(_ bits: inout BitReader, size: Int) -> HuffmanCode? {
    var lengths: [Int] = []
    for _ in 0..<size {
      guard let length = bits.read(5) else { return nil }
      lengths.append(Int(length))
    }
    return HuffmanCode(lengths: lengths)
  }
}
