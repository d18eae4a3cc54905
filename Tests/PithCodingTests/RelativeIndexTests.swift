import PithCoding
import Testing

@Suite struct RelativeIndexTests {
  /// Figure 2 of Deep Compression: survivors at 1, 4 and 15 with gaps of three bits; the long
  /// gap is bridged by a filler zero. (The figure counts a step of one as 1, here it is 0 zeros.)
  @Test func figureOfThePaper() {
    var symbols = [UInt8](repeating: 0, count: 16)
    symbols[1] = 34
    symbols[4] = 9
    symbols[15] = 17
    let index = RelativeIndex(symbols, zero: 0, gapBits: 3)
    #expect(index.gaps == [1, 2, 7, 2])
    #expect(index.values == [34, 9, 0, 17])
    #expect(index.expanded(count: 16, zero: 0) == symbols)
  }

  @Test(arguments: [1, 3, 5, 8], [0.0, 0.5, 0.99, 1.0])
  func roundTrip(gapBits: Int, sparsity: Double) {
    var random = Randomness(seed: UInt64(gapBits))
    let symbols = (0..<3000).map { _ in
      Double.random(in: 0..<1, using: &random) < sparsity
        ? UInt8(3) : UInt8.random(in: 0..<16, using: &random)
    }
    let index = RelativeIndex(symbols, zero: 3, gapBits: gapBits)
    #expect(index.gaps.allSatisfy { Int($0) < 1 << gapBits })
    #expect(index.expanded(count: symbols.count, zero: 3) == symbols)
    let needed = index.gaps.reduce(index.gaps.count) { $0 + Int($1) }
    #expect(needed <= symbols.count)
    #expect(needed == 0 || index.expanded(count: needed - 1, zero: 3) == nil)
  }
}
