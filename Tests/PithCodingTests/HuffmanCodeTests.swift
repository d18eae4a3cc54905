import PithCoding
import Testing

@Suite struct HuffmanCodeTests {
  /// Cormen, Leiserson, Rivest and Stein, "Introduction to Algorithms", the example of Huffman
  /// codes: frequencies 45, 13, 12, 16, 9, 5 take lengths 1, 3, 3, 3, 4, 4 and 224 (thousand) bits.
  @Test func textbookExample() {
    let counts = [45, 13, 12, 16, 9, 5]
    let code = HuffmanCode(counts: counts)
    #expect(code.lengths == [1, 3, 3, 3, 4, 4])
    #expect(zip(counts, code.lengths).reduce(0) { $0 + $1.0 * $1.1 } == 224)
  }

  /// RFC 1951, section 3.2.2: lengths (3, 3, 3, 3, 3, 2, 4, 4) for A to H.
  @Test func canonicalCodewordsOfDeflate() throws {
    let code = try #require(HuffmanCode(lengths: [3, 3, 3, 3, 3, 2, 4, 4]))
    let words = (0..<8).map { code.codeword(of: $0) }
    #expect(words == ["010", "011", "100", "101", "110", "00", "1110", "1111"])
  }

  @Test(arguments: [1, 2, 3, 17, 256])
  func roundTripWithinOneBitOfEntropy(symbols: Int) throws {
    var random = Randomness(seed: UInt64(symbols))
    let sequence = (0..<4000).map { _ in
      min(Int.random(in: 0..<symbols, using: &random), Int.random(in: 0..<symbols, using: &random))
    }
    var counts = [Int](repeating: 0, count: symbols)
    for symbol in sequence { counts[symbol] += 1 }
    let code = HuffmanCode(counts: counts)
    var writer = BitWriter()
    for symbol in sequence { code.write(symbol, to: &writer) }
    #expect(Double(writer.bitCount) >= entropy(counts) - 1e-6)
    #expect(Double(writer.bitCount) <= entropy(counts) + Double(sequence.count))
    var reader = BitReader(writer.bytes)
    for symbol in sequence { #expect(code.read(from: &reader) == symbol) }
    #expect(HuffmanCode(lengths: code.lengths) == code)
  }

  @Test func lengthsAreLimited() {
    // Fibonacci numbers give the deepest trees.
    var counts = [1, 1]
    for _ in 0..<60 { counts.append(counts[counts.count - 1] + counts[counts.count - 2]) }
    let code = HuffmanCode(counts: counts)
    #expect(code.lengths.allSatisfy { (1...HuffmanCode.longestLength).contains($0) })
    #expect(HuffmanCode(lengths: code.lengths) != nil)
  }

  @Test func impossibleLengthsAreRefused() {
    #expect(HuffmanCode(lengths: [1, 1, 1]) == nil)
    #expect(HuffmanCode(lengths: [-1]) == nil)
    #expect(HuffmanCode(lengths: [25]) == nil)
    #expect(HuffmanCode(lengths: []) != nil)
  }

  @Test func readingPastTheEndGivesNil() {
    let code = HuffmanCode(counts: [1, 1, 1])
    var reader = BitReader([] as [UInt8])
    #expect(code.read(from: &reader) == nil)
  }
}
