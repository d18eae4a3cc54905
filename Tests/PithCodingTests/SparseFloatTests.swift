import PithCoding
import Testing

/// Pruned weights that are not shared: few survivors, all of them different.
@Suite struct SparseFloatTests {
  private static let shape = [500, 800]

  /// Weights of which one in `1 / density` is not zero.
  private func weights(density: Double, signedZeros: Bool = false) -> [Float] {
    var random = Randomness(seed: 11)
    return (0..<Self.shape.reduce(1, *)).map { _ in
      let weight = random.gaussian() * 0.05
      if Double.random(in: 0..<1, using: &random) < density { return weight }
      return signedZeros && weight < 0 ? -0.0 : 0
    }
  }

  private func entry(_ weights: [Float], _ coder: EntropyCoder) throws -> ArchiveEntry {
    let payload = ModelBytes.bytes(weights)
    let model = ModelBytes.model(initializers: [
      ModelBytes.tensor("w", type: 1, shape: Self.shape, payload: payload)
    ])
    let archive = try Archive.unpack(try Archive.pack(onnx: model, coder: coder))
    #expect(archive.onnx == model)
    return try #require(archive.report.entries.first)
  }

  @Test(arguments: [0.005, 0.02, 0.1, 0.5])
  func costsItsPositionsAndItsValues(density: Double) throws {
    let weights = weights(density: density)
    let survivors = weights.count { $0 != 0 }
    let bits = entropy([survivors, weights.count - survivors]) + 27 * Double(survivors)
    let arithmetic = try entry(weights, .arithmetic)
    #expect(arithmetic.coding == "sparse-floats")
    #expect(Double(arithmetic.codedBytes * 8) < bits * 1.15)
    #expect(arithmetic.codedBytes < (try entry(weights, .huffman)).codedBytes)
  }

  /// Masks that multiply leave negative zeros, whose signs must survive too.
  @Test func signsOfZerosCostOneBitEach() throws {
    let weights = weights(density: 0.02, signedZeros: true)
    let counts = [
      weights.count { $0 == 0 && $0.sign == .plus },
      weights.count { $0 == 0 && $0.sign == .minus },
      weights.count { $0 != 0 },
    ]
    let bits = entropy(counts) + 27 * Double(counts[2])
    let arithmetic = try entry(weights, .arithmetic)
    #expect(arithmetic.coding == "signed-zero-floats")
    #expect(Double(arithmetic.codedBytes * 8) < bits * 1.05)
    #expect(arithmetic.codedBytes < (try entry(weights, .huffman)).codedBytes)
  }
}
