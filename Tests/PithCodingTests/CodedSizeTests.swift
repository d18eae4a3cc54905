import PithCoding
import PithTensors
import Testing

@Suite struct CodedSizeTests {
  @Test func sizesOfTensors() throws {
    var random = Randomness(seed: 30)
    let sparse = (0..<10_000).map { $0 % 20 == 0 ? Float.random(in: 1...2, using: &random) : 0 }
    let tensor = Tensor(sparse, [100, 100])
    let bytes = try tensor.codedByteCount()
    #expect(bytes > 500 * 2)
    #expect(bytes < 500 * 4)
    #expect(try tensor.codedByteCount(coder: .huffman) > bytes)
    #expect(try Tensor(.float32, [0]).codedByteCount() == 0)
    #expect(try Tensor(.int4, [1001]).codedByteCount() < 16)
  }
}
