import Foundation
import PithCoding
import Testing

@Suite struct ArchiveRoundTripTests {
  /// ONNX element types and the bytes of an element; 0 stands for half a byte.
  static let types = [
    (1, 4), (2, 1), (3, 1), (4, 2), (5, 2), (6, 4), (7, 8), (9, 1), (10, 2), (11, 8), (12, 4),
    (13, 8), (14, 8), (15, 16), (16, 2), (17, 1), (21, 0), (22, 0), (0, 1), (99, 1),
  ]

  enum Filling: String, CaseIterable {
    case random, zeros, one, twoValues, sparse, distinct, gaussian, extremes

    func bytes(_ count: Int, _ random: inout Randomness) -> [UInt8] {
      switch self {
      case .random: (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      case .zeros: [UInt8](repeating: 0, count: count)
      case .one: (0..<count).map { $0 == count / 2 ? 1 : 0 }
      case .twoValues: (0..<count).map { UInt8($0 / 16 % 2) * 0x3f }
      case .sparse:
        (0..<count).map { $0 / 8 % 20 == 3 ? UInt8.random(in: 0...255, using: &random) : 0 }
      case .distinct: (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 >> 8) }
      case .gaussian:
        Array(ModelBytes.bytes((0..<count / 4 + 1).map { _ in random.gaussian() }).prefix(count))
      case .extremes:
        (0..<count).map { _ in [0, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0 }
      }
    }
  }

  @Test(arguments: types, EntropyCoder.allCases)
  func everyTypeAndFilling(type: (Int, Int), coder: EntropyCoder) throws {
    var random = Randomness(seed: UInt64(type.0))
    var tensors: [[UInt8]] = []
    for filling in Filling.allCases {
      for count in [1, 12, 60, 1250] {
        let size = type.1 == 0 ? (count + 1) / 2 : count * type.1
        let payload = filling.bytes(size, &random)
        for shape in [[count / 10, 10], [count], [2, count / 2, 1, 1], [-3, 7], []] {
          tensors.append(
            ModelBytes.tensor("\(filling)", type: type.0, shape: shape, payload: payload))
          if count > 100 { break }
        }
      }
    }
    let model = ModelBytes.model(initializers: tensors)
    let archive = try Archive.unpack(try Archive.pack(onnx: model, coder: coder))
    #expect(archive.onnx == model)
  }

  /// Elements in typed fields: packed floats, and whole numbers as varints.
  @Test(arguments: EntropyCoder.allCases)
  func typedFields(coder: EntropyCoder) throws {
    var random = Randomness(seed: 1)
    let floats = ModelBytes.bytes((0..<500).map { _ in random.gaussian() })
    let varints = (0..<500).flatMap { _ in
      ModelBytes.varint(Int.random(in: -130...130, using: &random))
    }
    let overlong = [UInt8](repeating: 0x80, count: 60) + [0]
    let model = ModelBytes.model(initializers: [
      ModelBytes.tensor("f", type: 1, shape: [500], payload: floats, in: 4),
      ModelBytes.tensor("i", type: 6, shape: [500], payload: varints, in: 5),
      ModelBytes.tensor("l", type: 7, shape: [20, 25], payload: varints, in: 7),
      ModelBytes.tensor("u", type: 13, shape: [500], payload: overlong, in: 11),
      ModelBytes.tensor("d", type: 11, shape: [250], payload: floats, in: 10),
      ModelBytes.tensor("cut", type: 1, shape: [1], payload: Array(floats.dropLast(3))),
    ])
    let archive = try Archive.unpack(try Archive.pack(onnx: model, coder: coder))
    #expect(archive.onnx == model)
    #expect(archive.report.entries.map(\.name) == ["f", "i", "l", "u", "d", "cut"])
  }

  /// What is no model is packed as it stands.
  @Test func anyBytes() throws {
    var random = Randomness(seed: 2)
    for count in [0, 1, 2, 10, 1000, 70_000] {
      for repeats in [false, true] {
        let bytes = (0..<count).map {
          repeats ? UInt8($0 % 11) : UInt8.random(in: 0...255, using: &random)
        }
        #expect(try Archive.unpack(try Archive.pack(onnx: bytes)).onnx == bytes)
      }
    }
    let deep = (0..<2000).reduce([UInt8]()) { bytes, _ in
      ModelBytes.field(7, ModelBytes.field(1, ModelBytes.field(5, ModelBytes.field(6, bytes))))
    }
    #expect(try Archive.unpack(try Archive.pack(onnx: deep)).onnx == deep)
  }

  @Test func reportAddsUp() throws {
    let model = ModelBytes.smallNetwork(seed: 4)
    let file = try Archive.pack(onnx: model)
    let report = try Archive.unpack(file).report
    #expect(report.rawBytes == model.count)
    #expect(report.archiveBytes == file.count)
    let weight = try #require(report.entries.first { $0.name == "conv.weight.indices" })
    #expect(weight.type == "uint8")
    #expect(weight.shape == [16, 4, 5, 5])
    #expect(weight.rawBytes == 1600)
    #expect(weight.coding == "palette")
    let coded = report.entries.reduce(0) { $0 + $1.codedBytes }
    #expect(abs(coded + report.codedTextBytes - file.count) < 80)
    // The Constant node's tensor is found too.
    #expect(report.entries.contains { $0.name == "c" && $0.rawBytes == 160 })
  }

  /// A plain float tensor with shared values costs about as much as its indices.
  @Test func sharedFloatsPackLikeIndices() throws {
    var random = Randomness(seed: 9)
    let codebook = (0..<16).map { _ in random.gaussian() }
    let indices = (0..<20_000).map { _ in
      Int.random(in: 0..<10, using: &random) == 0 ? UInt8.random(in: 0..<16, using: &random) : 0
    }
    let plain = ModelBytes.model(initializers: [
      ModelBytes.tensor(
        "w", type: 1, shape: [100, 200],
        payload: ModelBytes.bytes(indices.map { codebook[Int($0)] }))
    ])
    let shared = ModelBytes.model(initializers: [
      ModelBytes.tensor("w", type: 2, shape: [100, 200], payload: indices)
    ])
    let difference = try Archive.pack(onnx: plain).count - Archive.pack(onnx: shared).count
    #expect(abs(difference) < 90)
  }
}
