import PithCoding
import Testing

@Suite struct ArithmeticCoderTests {
  @Test(arguments: [0.5, 0.9, 0.99, 0.999])
  func closeToEntropy(probability: Double) throws {
    var random = Randomness(seed: 11)
    let bits = (0..<400_000).map { _ in Double.random(in: 0..<1, using: &random) < probability }
    let encoder = ArithmeticEncoder()
    var model = BitModel()
    for bit in bits { encoder.encode(bit, &model) }
    let bytes = try encoder.finish()
    let ones = bits.count(where: { $0 })
    let bound = entropy([ones, bits.count - ones]) / 8
    #expect(Double(bytes.count) > bound * 0.99)
    // Two rates that never settle cost this much on a source that never changes; tensors are
    // coded with estimates that do settle (see SymbolMapTests).
    #expect(Double(bytes.count) < bound * 1.1 + 16)
    let decoder = try #require(ArithmeticDecoder(bytes))
    var mirror = BitModel()
    for bit in bits { #expect(decoder.decode(&mirror) == bit) }
    #expect(!decoder.isExhausted)
  }

  @Test func verbatimBitsMixWithBins() throws {
    var random = Randomness(seed: 3)
    let encoder = ArithmeticEncoder()
    var model = BitModel()
    let items = (0..<2000).map { _ in
      (
        Bool.random(using: &random), UInt32.random(in: 0...UInt32.max, using: &random),
        Int.random(in: 0...32, using: &random)
      )
    }
    for (bit, value, count) in items {
      encoder.encode(bit, &model)
      encoder.encode(verbatim: value, count: count)
    }
    let decoder = try #require(ArithmeticDecoder(try encoder.finish()))
    var mirror = BitModel()
    for (bit, value, count) in items {
      #expect(decoder.decode(&mirror) == bit)
      let mask = count == 32 ? UInt32.max : (1 << UInt32(count)) - 1
      #expect(decoder.decode(verbatim: count) == value & mask)
    }
  }

  @Test func emptyStream() throws {
    let bytes = try ArithmeticEncoder().finish()
    #expect(bytes == [0])
    #expect(ArithmeticDecoder([] as [UInt8]) == nil)
    #expect(ArithmeticDecoder([5] as [UInt8]) == nil)
  }

  /// A cut stream yields bits for ever, and says so.
  @Test func cutStreamIsExhausted() throws {
    let decoder = try #require(ArithmeticDecoder([0, 200] as [UInt8]))
    var model = BitModel()
    for _ in 0..<10_000 { _ = decoder.decode(&model) }
    for _ in 0..<10 { _ = decoder.decode(verbatim: 32) }
    #expect(decoder.isExhausted)
  }

  @Test func costIsTheLogarithmOfTheProbability() {
    #expect(abs(BitModel().cost(of: true) - 1) < 1e-9)
    #expect(abs(BitModel().cost(of: false) - 1) < 1e-9)
  }
}
