import Foundation
import PithData
import PithTensors
import PithTestSupport
import Testing

/// `.gz` files; the compressed ones are the real set's labels, cut and changed.
@Suite struct GzipTests {
  /// A gzip member (RFC 1952) of stored blocks, with a right checksum.
  private func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
    let length = UInt16(bytes.count)
    result += [1, UInt8(length & 255), UInt8(length >> 8)]
    result += [UInt8(~length & 255), UInt8(~length >> 8)] + bytes
    for word in [checksum(bytes), UInt32(bytes.count)] {
      result += (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) }
    }
    return result
  }

  private func checksum(_ bytes: [UInt8]) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xedb8_8320 : crc >> 1 }
    }
    return ~crc
  }

  private func compressedSet() throws -> (TemporaryFolder, [UInt8]) {
    let folder = try TemporaryFolder()
    try SyntheticSets.writeMNIST(folder)
    let name = "train-images-idx3-ubyte"
    let plain = [UInt8](try Data(contentsOf: folder.url.appendingPathComponent(name)))
    try folder.remove(name)
    return (folder, plain)
  }

  @Test func readsCompressedFiles() throws {
    let (folder, plain) = try compressedSet()
    try folder.write("train-images-idx3-ubyte.gz", gzip(plain))
    let data = try folder.open("mnist")
    #expect(try data.train.sample(at: 19).integers.first == Int(SyntheticSets.pixel(19, 0)))
  }

  @Test func everyTruncationIsRefused() throws {
    let (folder, plain) = try compressedSet()
    let whole = gzip(plain)
    for length in 0..<whole.count {
      try folder.write("train-images-idx3-ubyte.gz", Array(whole[..<length]))
      #expect(fault { _ = try folder.open("mnist") } != nil, "length \(length)")
    }
  }

  @Test func contentsMustBeJustAsLongAsTheHeaderSays() throws {
    let (folder, plain) = try compressedSet()
    try folder.write("train-images-idx3-ubyte.gz", gzip(plain + [0]))
    guard case .trailing? = fault({ _ = try folder.open("mnist") }) else {
      Issue.record("a byte too many was not noticed")
      return
    }
    try folder.write("train-images-idx3-ubyte.gz", gzip(plain.dropLast()))
    guard case .truncated? = fault({ _ = try folder.open("mnist") }) else {
      Issue.record("a byte too few was not noticed")
      return
    }
  }

  @Test func bombsAreRefusedByTheirHeader() throws {
    let (folder, _) = try compressedSet()
    let bytes = gzip(SyntheticSets.idx([1_000_000, 100, 100], [1, 2, 3]))
    try folder.write("train-images-idx3-ubyte.gz", bytes)
    guard case .tooLarge? = fault({ _ = try folder.open("mnist") }) else {
      Issue.record("10 GB out of \(bytes.count) bytes were believed")
      return
    }
  }

  @Test func mutationsNeverTrap() throws {
    let (folder, plain) = try compressedSet()
    let whole = gzip(plain)
    var generator = Philox(seed: 2)
    for _ in 0..<300 {
      var bytes = whole
      for _ in 0...Int(generator.next() % 4) {
        bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(
          truncatingIfNeeded: generator.next())
      }
      try folder.write("train-images-idx3-ubyte.gz", bytes)
      _ = fault { _ = try folder.open("mnist") }
    }
  }
}
