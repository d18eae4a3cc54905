import PithTensors
import Testing

@Suite struct PhiloxTests {
  /// The known answers of philox4x32-10 in the Random123 distribution (kat_vectors).
  @Test func knownAnswers() {
    #expect(
      Philox.block(counter: (0, 0), key: 0)
        == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    #expect(
      Philox.block(counter: (.max, .max), key: .max)
        == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      Philox.block(
        counter: (0x85a3_08d3_243f_6a88, 0x0370_7344_1319_8a2e), key: 0x299f_31d0_a409_3822)
        == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test func wordsComeInPairsFromBlocks() {
    var generator = Philox(seed: 0)
    #expect(generator.next() == 0xe169_c58d_6627_e8d5)
    #expect(generator.next() == 0x9b00_dbd8_bc57_ac4c)
    #expect(generator.counter == 1)
  }

  @Test func streamsAndSeedsDiffer() {
    var draws: Set<UInt64> = []
    for seed in 0..<4 {
      for stream in 0..<4 {
        var generator = Philox(seed: UInt64(seed), stream: UInt64(stream))
        draws.insert(generator.next())
      }
    }
    #expect(draws.count == 16)
  }

  @Test func uniformAndNormalMoments() {
    var generator = Philox(seed: 7)
    let uniform = (0..<20_000).map { _ in Double(generator.uniform()) }
    #expect(uniform.allSatisfy { (0..<1).contains($0) })
    #expect(abs(mean(uniform) - 0.5) < 0.01)
    #expect(abs(mean(uniform.map { $0 * $0 }) - 1.0 / 3) < 0.01)
    let normal = (0..<20_000).map { _ in Double(generator.normal()) }
    #expect(abs(mean(normal)) < 0.03)
    #expect(abs(mean(normal.map { $0 * $0 }) - 1) < 0.05)
    #expect(abs(mean(normal.map { $0 * $0 * $0 * $0 }) - 3) < 0.4)
  }

  @Test(arguments: [0, 1, 2, 100]) func permutationsHoldEachOnce(_ count: Int) {
    var generator = Philox(seed: 3)
    let order = generator.permutation(count)
    #expect(order.sorted() == Array(0..<count))
  }

  private func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
  }
}
