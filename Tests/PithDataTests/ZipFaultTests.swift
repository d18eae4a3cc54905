import Foundation
import PithData
import PithTensors
import Testing

/// Archives no honest program writes.
@Suite struct ZipFaultTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What the directory says of an entry.
  private struct Claim {
    var name = "a.npy"
    var method = 0
    var flags = 0
    var checksum = 0
    var compressed = 4
    var size = 4
    var offset = 0
    var extra: [UInt8] = []
  }

  private func little(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// One entry of four bytes, and a directory of `claims`.
  private func archive(_ claims: [Claim], count: Int? = nil) throws -> URL {
    var bytes: [UInt8] = little(0x0403_4b50, 4) + little(0, 22) + little(5, 2) + little(0, 2)
    bytes += Array("a.npy".utf8) + [1, 2, 3, 4]
    let start = bytes.count
    for claim in claims {
      bytes += little(0x0201_4b50, 4) + little(0, 4) + little(claim.flags, 2)
      bytes += little(claim.method, 2) + little(0, 4) + little(claim.checksum, 4)
      bytes += little(claim.compressed, 4) + little(claim.size, 4)
      bytes += little(claim.name.utf8.count, 2) + little(claim.extra.count, 2) + little(0, 10)
      bytes += little(claim.offset, 4) + Array(claim.name.utf8) + claim.extra
    }
    let size = bytes.count - start
    let total = little(count ?? claims.count, 2)
    bytes += little(0x0605_4b50, 4) + little(0, 4) + total + total
    bytes += little(size, 4) + little(start, 4) + little(0, 2)
    return try folder.write("archive.npz", bytes)
  }

  private func message(_ claims: [Claim], count: Int? = nil) throws -> String {
    let url = try archive(claims, count: count)
    return fault { _ = try NumPyArchive(contentsOf: url) }.map { "\($0)" } ?? "no error"
  }

  @Test func repeatedNames() throws {
    #expect(try message([Claim(), Claim()]).contains("two entries are named 'a.npy'"))
  }

  @Test func overlaps() throws {
    #expect(try message([Claim(), Claim(name: "b.npy")]).contains("overlaps"))
  }

  @Test func encryption() throws {
    #expect(try message([Claim(flags: 1)]).contains("encrypted"))
  }

  @Test func checksums() throws {
    // CRC-32 of 01 02 03 04 is b63cfbcd.
    #expect(try message([Claim(checksum: 0xb63c_fbcc)]).contains("checksum"))
    #expect(try message([Claim(checksum: 0xb63c_fbcd)]).contains("not a NumPy array") == false)
  }

  @Test func sizesBeyondTheFile() throws {
    #expect(try message([Claim(compressed: 1 << 20, size: 1 << 20)]).contains("overlaps"))
    #expect(try message([Claim(size: 5)]).contains("sizes disagree"))
    #expect(try message([Claim(offset: 1 << 20)]).contains("overlaps"))
    #expect(try message([Claim()], count: 9).contains("ends too early"))
  }

  @Test func expansionBeyondReason() throws {
    #expect(try message([Claim(method: 8, size: 1 << 30)]).contains("over the limit"))
    #expect(try message([Claim(method: 12)]).contains("compression method 12"))
  }

  @Test func sizesOf64Bits() throws {
    let wide = { (size: Int) in little(1, 2) + little(8, 2) + little(size, 8) }
    #expect(try message([Claim(size: 0xffff_ffff)]).contains("64-bit sizes are missing"))
    #expect(try message([Claim(size: 0xffff_ffff, extra: wide(-1))]).contains("out of range"))
    #expect(
      try message([Claim(size: 0xffff_ffff, extra: wide(1 << 40))]).contains("sizes disagree"))
    #expect(
      try message([Claim(checksum: 0xb63c_fbcd, size: 0xffff_ffff, extra: wide(4))])
        .contains("needed from offset 0"))
  }

  @Test func namesThatAreNoArrays() throws {
    #expect(try message([Claim(name: "../a.sh")]).contains("not a NumPy array"))
  }
}
