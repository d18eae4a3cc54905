import PithCoding
import Testing

/// The coder of tensors with few distinct elements, seen through archives of one tensor.
@Suite struct SymbolMapTests {
  /// Bytes that an archive spends on a tensor of indices.
  private func codedBytes(
    _ indices: [UInt8], shape: [Int], coder: EntropyCoder = .arithmetic
  ) throws -> Int {
    let model = ModelBytes.model(initializers: [
      ModelBytes.tensor("w", type: 2, shape: shape, payload: indices)
    ])
    let archive = try Archive.unpack(try Archive.pack(onnx: model, coder: coder))
    #expect(archive.onnx == model)
    return try #require(archive.report.entries.first).codedBytes
  }

  @Test(arguments: [(0.02, 16), (0.2, 16), (1.0, 32), (0.5, 2), (1.0, 200)])
  func withinTwoPercentOfEntropyOfIndependentSymbols(density: Double, symbols: Int) throws {
    var random = Randomness(seed: 5)
    let rows = 400
    let columns = 1000
    let indices = (0..<rows * columns).map { _ -> UInt8 in
      guard Double.random(in: 0..<1, using: &random) < density else { return 0 }
      let first = Int.random(in: 0..<symbols, using: &random)
      return UInt8(max(first, Int.random(in: 0..<symbols, using: &random)))
    }
    var counts = [Int](repeating: 0, count: 256)
    for index in indices { counts[Int(index)] += 1 }
    let bound = entropy(counts) / 8
    let bytes = Double(try codedBytes(indices, shape: [rows, columns]))
    #expect(bytes > bound * 0.99)
    #expect(bytes < bound * 1.02 + 64)
  }

  /// Survivors that crowd in some columns cost less than independent ones.
  @Test func deadColumnsAreFree() throws {
    var random = Randomness(seed: 6)
    let rows = 300
    let columns = 784
    let alive = (0..<columns).map { _ in Bool.random(using: &random) }
    let indices = (0..<rows * columns).map { place in
      alive[place % columns] && Int.random(in: 0..<10, using: &random) == 0 ? UInt8(1) : 0
    }
    let survivors = indices.count(where: { $0 == 1 })
    let bound = entropy([survivors, indices.count - survivors]) / 8
    #expect(Double(try codedBytes(indices, shape: [rows, columns])) < bound * 0.9)
  }

  @Test(
    arguments: [[256, 300], [40, 20, 5, 5], [100, 100], [10, 1, 3, 3]], [0.0, 0.5, 0.95, 0.98])
  func beatsHuffman(shape: [Int], sparsity: Double) throws {
    var random = Randomness(seed: 8)
    let count = shape.reduce(1, *)
    let indices = (0..<count).map { _ -> UInt8 in
      guard Double.random(in: 0..<1, using: &random) >= sparsity else { return 0 }
      return UInt8(min(max(random.gaussian() * 3 + 8, 1), 15))
    }
    let arithmetic = try codedBytes(indices, shape: shape)
    let huffman = try codedBytes(indices, shape: shape, coder: .huffman)
    #expect(arithmetic < huffman)
  }
}
