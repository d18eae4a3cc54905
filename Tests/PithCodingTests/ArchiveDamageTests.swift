import Foundation
import PithCoding
import Testing

@Suite struct ArchiveDamageTests {
  /// Unpacks bytes that may be damaged: the model, or nil when they are refused.
  private func unpacked(_ file: [UInt8]) -> [UInt8]? {
    do throws(CodingError) {
      return try Archive.unpack(file, limit: 1 << 20).onnx
    } catch {
      #expect(!error.description.isEmpty)
      return nil
    }
  }

  private func mutated(_ file: [UInt8], _ random: inout Randomness) -> [UInt8] {
    var bytes = file
    for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 2: bytes.removeLast(bytes.count - place)
      case 3: bytes.remove(at: place)
      default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
      }
    }
    return bytes
  }

  @Test(arguments: EntropyCoder.allCases)
  func damageIsNoticed(coder: EntropyCoder) throws {
    let model = ModelBytes.smallNetwork(seed: 21)
    let file = try Archive.pack(onnx: model, coder: coder)
    var random = Randomness(seed: 22)
    for _ in 0..<1000 {
      let result = unpacked(mutated(file, &random))
      #expect(result == nil || result == model)
    }
  }

  @Test func everyTruncationIsRefused() throws {
    let file = try Archive.pack(onnx: ModelBytes.smallNetwork(seed: 23))
    for count in file.indices { #expect(unpacked(Array(file.prefix(count))) == nil) }
    #expect(unpacked(file + [0]) == nil)
  }

  /// Damage behind valid checksums, as an attacker would make it, reaches the decoders.
  @Test(arguments: EntropyCoder.allCases)
  func decodersSurviveForgedSections(coder: EntropyCoder) throws {
    let model = ModelBytes.smallNetwork(seed: 24)
    let member = try ArchiveMember(location: "x.bin", bytes: Array(model.prefix(500)))
    let file = try Archive.pack(onnx: model, members: [member], coder: coder)
    let parts = try #require(ForgedArchive(file))
    var random = Randomness(seed: 25)
    for _ in 0..<150 {
      var forged = parts
      let section = Int.random(in: 0..<forged.sections.count, using: &random)
      forged.sections[section].bytes = mutated(forged.sections[section].bytes, &random)
      let result = unpacked(forged.bytes)
      #expect(result == nil || result == model)
    }
  }

  @Test func errorsNameSectionAndOffset() throws {
    var file = try Archive.pack(onnx: ModelBytes.smallNetwork(seed: 26))
    #expect(throws: CodingError.notAnArchive) { try Archive.unpack(Array("not it".utf8)) }
    #expect(throws: CodingError.notAnArchive) { try Archive.unpack([]) }
    var newer = file
    newer[4] = 9
    #expect(throws: CodingError.unsupportedVersion(9)) { try Archive.unpack(newer) }
    file[file.count - 1] ^= 1
    let error = #expect(throws: CodingError.self) { try Archive.unpack(file) }
    let message = try #require(error?.description)
    #expect(message.contains("section 2 (tensors) at byte "))
    #expect(message.contains("checksum"))
  }

  @Test func bombsAreRefused() throws {
    // 8 MB of zeros in a few bytes: fine with the usual limit, refused below it.
    let zeros = [UInt8](repeating: 0, count: 8 << 20)
    let model = ModelBytes.model(initializers: [
      ModelBytes.tensor("w", type: 1, shape: [2 << 20], payload: zeros)
    ])
    let file = try Archive.pack(onnx: model)
    #expect(file.count < 200)
    #expect(throws: CodingError.tooLarge(declared: model.count, limit: 1 << 20)) {
      try Archive.unpack(file, limit: 1 << 20)
    }
    // A head that declares a terabyte.
    var forged = try #require(ForgedArchive(file))
    forged.modelBytes = 1 << 40
    #expect(throws: CodingError.tooLarge(declared: 1 << 40, limit: 64 << 20)) {
      try Archive.unpack(forged.bytes)
    }
    // A text that declares more than the model.
    forged = try #require(ForgedArchive(file))
    forged.sections[0].bytes.replaceSubrange(1..<2, with: [0xff, 0xff, 0xff, 0xff, 0x7f])
    #expect(unpacked(forged.bytes) == nil)
  }
}

/// An archive taken apart, to be put together again with valid checksums.
struct ForgedArchive {
  var modelBytes = 0
  var modelHash: [UInt8] = []
  var sections: [(kind: UInt8, bytes: [UInt8])] = []

  init?(_ file: [UInt8]) {
    var position = 5
    func count() -> Int {
      var value = 0
      var shift = 0
      while position < file.count {
        let digit = file[position]
        position += 1
        value |= Int(digit & 127) << shift
        if digit < 128 { break }
        shift += 7
      }
      return value
    }
    modelBytes = count()
    modelHash = Array(file[position..<position + 8])
    position += 8
    let sectionCount = count()
    var table: [(UInt8, Int)] = []
    for _ in 0..<sectionCount {
      let kind = file[position]
      position += 1
      table.append((kind, count()))
      position += 4
    }
    position += 4
    for (kind, size) in table {
      guard position + size <= file.count else { return nil }
      sections.append((kind, Array(file[position..<position + size])))
      position += size
    }
  }

  var bytes: [UInt8] {
    func low(_ hash: UInt64) -> [UInt8] {
      (0..<4).map { UInt8(truncatingIfNeeded: hash >> ($0 * 8)) }
    }
    var file: [UInt8] = [0x89, 0x50, 0x54, 0x48, 1] + ModelBytes.varint(modelBytes) + modelHash
    file += ModelBytes.varint(sections.count)
    for section in sections {
      file += [section.kind] + ModelBytes.varint(section.bytes.count) + low(xxHash64(section.bytes))
    }
    file += low(xxHash64(file))
    return file + sections.flatMap(\.bytes)
  }
}
