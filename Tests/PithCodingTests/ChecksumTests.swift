import PithCoding
import Testing

@Suite struct ChecksumTests {
  /// Values of the reference implementation (xxhsum 0.8, seed 0).
  @Test func publishedValues() {
    #expect(xxHash64([]) == 0xef46_db37_51d8_e999)
    #expect(xxHash64(Array("a".utf8)) == 0xd24e_c4f1_a98c_6e5b)
    #expect(xxHash64(Array("abc".utf8)) == 0x44bc_2cf5_ad77_0999)
    let fox = "The quick brown fox jumps over the lazy dog"
    #expect(xxHash64(Array(fox.utf8)) == 0x0b24_2d36_1fda_71bc)
  }
}
