import CZlib
import Foundation
import PithTensors

/// Writes a ZIP file of stored entries, each below 4 GiB and all of them together as well.
struct ZipWriter: ~Copyable {
  private var output: OutputFile
  private let path: String
  private var directory: [UInt8] = []
  private var count = 0

  init(_ url: URL) throws(DataError) {
    output = try OutputFile(url)
    path = url.path
  }

  /// An entry of `header` and then the tensor's bytes.
  mutating func add(_ name: String, _ header: [UInt8], _ tensor: Tensor) throws(DataError) {
    let offset = output.offset
    let size = header.count + tensor.byteCount
    guard offset + size + (1 << 16) < 0xffff_ffff, count < 0xfffe else {
      throw .unwritable(file: path, reason: "it would exceed 4 GiB; write fewer arrays at once")
    }
    let checksum = tensor.readBytes { bytes in
      crc32_z(
        UInt(zipChecksum(header)), bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
        bytes.count)
    }
    // Version 2.0, UTF-8 names, stored, 1 January 1980.
    var common = little(20, 2) + little(0x800, 2) + little(0, 4) + little(0x21, 2)
    common += little(Int(checksum), 4) + little(size, 4) + little(size, 4)
    common += little(name.utf8.count, 2) + little(0, 2)
    try output.write(little(0x0403_4b50, 4) + common + Array(name.utf8))
    try output.write(header)
    let failure: DataError? = tensor.readBytes { bytes in
      do throws(DataError) { try output.write(bytes) } catch { return error }
      return nil
    }
    if let failure { throw failure }
    directory += little(0x0201_4b50, 4) + little(20, 2) + common + little(0, 10)
    directory += little(offset, 4) + Array(name.utf8)
    count += 1
  }

  mutating func finish() throws(DataError) {
    let start = output.offset
    try output.write(directory)
    let counts = little(0, 4) + little(count, 2) + little(count, 2)
    try output.write(
      little(0x0605_4b50, 4) + counts + little(directory.count, 4) + little(start, 4)
        + little(0, 2))
    try output.finish()
  }

  private func little(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> (8 * $0)) : 0 }
  }
}
