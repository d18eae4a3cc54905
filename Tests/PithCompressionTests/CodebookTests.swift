import PithCompression
import Testing

@Suite struct CodebookTests {
  /// 16 weights of 32 bits become 16 indices of two bits and four values (Han et al. 2016).
  @Test func publishedExample() {
    let codebook = Codebook(KMeansTests.weights, 4, .linear, pinsZero: false)
    #expect(codebook.indices == [3, 0, 2, 1, 1, 1, 0, 3, 0, 3, 1, 0, 3, 1, 2, 2])
    #expect(codebook.indexBits == 2)
    #expect(codebook.packedByteCount == 4 + 16)
  }

  @Test func prunedWeightsKeepTheFirstValue() {
    let codebook = Codebook(KMeansTests.weights, 4, .linear)
    #expect(codebook.values.first == 0)
    #expect(codebook.values.count == 4)
    for (weight, index) in zip(KMeansTests.weights, codebook.indices) {
      #expect((weight == 0) == (index == 0))
    }
  }

  @Test func nothingButZeros() {
    let codebook = Codebook([Float](repeating: 0, count: 9), 4, .linear)
    #expect(codebook.values == [0])
    #expect(codebook.indices.allSatisfy { $0 == 0 })
    #expect(codebook.packedByteCount == 4)
  }

  @Test func asManyValuesAsAByteTellsApart() {
    let weights = (0..<2000).map { Float($0 * $0 % 1999) / 100 - 3 }
    let codebook = Codebook(weights, 256, .density)
    #expect(codebook.values.count == 256)
    #expect(codebook.packedByteCount == 2000 + 1024)
    for (weight, index) in zip(weights, codebook.indices) {
      #expect((weight - codebook.values[Int(index)]).magnitude < 0.1)
    }
  }
}
