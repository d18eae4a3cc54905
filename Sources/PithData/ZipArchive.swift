import CZlib
import Foundation
import PithTensors

/// The entries of a ZIP file (PKWARE APPNOTE 6.3), stored or deflated, with the 64-bit extensions.
///
/// Only the central directory is believed; entries that overlap, repeat a name, are encrypted, or
/// expand beyond what deflate can do are refused.
struct ZipArchive: ~Copyable {
  struct Entry {
    let name: String
    let method: Int
    let checksum: UInt32
    let compressed: Int
    let size: Int
    /// Where its local header starts.
    let offset: Int
  }

  private let file: RegularFile
  let entries: [Entry]
  private let directoryStart: Int

  init(_ url: URL) throws(DataError) {
    let file = try RegularFile(url)
    let end = try Self.end(file)
    guard end.start <= file.size, end.size <= file.size - end.start else {
      throw .truncated(
        file: file.path, offset: end.start, expected: end.size,
        found: max(0, file.size - end.start))
    }
    let directory = try file.bytes(at: end.start, count: end.size)
    var cursor = ByteCursor(directory, base: end.start, file: file.path)
    var entries: [Entry] = []
    for _ in 0..<end.count { entries.append(try Self.entry(&cursor)) }
    try Self.refuseFaults(entries, before: end.start, file.path)
    self.entries = entries
    directoryStart = end.start
    self.file = file
  }

  /// The expanded bytes of an entry.
  func read(_ entry: Entry) throws(DataError) -> [UInt8] {
    let path = "\(file.path) [\(entry.name)]"
    let local = try file.bytes(at: entry.offset, count: 30)
    guard local.starts(with: [0x50, 0x4b, 3, 4]) else {
      throw .malformed(file: path, offset: entry.offset, reason: "no entry starts here")
    }
    let names = Int(local[26]) | Int(local[27]) << 8
    let extras = Int(local[28]) | Int(local[29]) << 8
    let start = entry.offset + 30 + names + extras
    guard start <= directoryStart, entry.compressed <= directoryStart - start else {
      throw .truncated(
        file: path, offset: start, expected: entry.compressed, found: max(0, directoryStart - start)
      )
    }
    var bytes = try file.bytes(at: start, count: entry.compressed)
    if entry.method == 8 {
      try checkExpansion(of: entry.compressed, to: entry.size, file: path)
      bytes = try expand(bytes, to: entry.size, path)
    } else if entry.method != 0 {
      throw .malformed(
        file: path, offset: entry.offset, reason: "compression method \(entry.method) is not read")
    } else if entry.compressed != entry.size {
      throw .malformed(file: path, offset: entry.offset, reason: "its two sizes disagree")
    }
    guard zipChecksum(bytes) == entry.checksum else {
      throw .malformed(file: path, offset: start, reason: "the checksum does not agree")
    }
    return bytes
  }

  private func expand(_ bytes: [UInt8], to size: Int, _ path: String) throws(DataError) -> [UInt8] {
    let inflater = try Inflater(bytes, .raw, file: path)
    var expanded = [UInt8](repeating: 0, count: size)
    let failure: DataError? = expanded.withUnsafeMutableBytes { memory in
      do throws(DataError) {
        try inflater.read(into: memory)
        try inflater.finish()
      } catch { return error }
      return nil
    }
    if let failure { throw failure }
    return expanded
  }

  /// Refuses entries of one name, and entries that overlap one another or the directory.
  private static func refuseFaults(_ entries: [Entry], before directory: Int, _ path: String)
    throws(DataError)
  {
    var names: Set<String> = []
    for entry in entries where !names.insert(entry.name).inserted {
      throw .malformed(
        file: path, offset: entry.offset, reason: "two entries are named '\(entry.name)'")
    }
    var end = 0
    for entry in entries.sorted(by: { $0.offset < $1.offset }) {
      guard entry.offset >= end, entry.offset <= directory,
        entry.compressed <= directory - entry.offset
      else {
        throw .malformed(
          file: path, offset: entry.offset, reason: "entry '\(entry.name)' overlaps another")
      }
      end = entry.offset + 30 + entry.name.utf8.count + entry.compressed
    }
  }

  private static func entry(_ cursor: inout ByteCursor) throws(DataError) -> Entry {
    let start = cursor.offset
    guard try cursor.number(4) == 0x0201_4b50 else {
      throw cursor.fault("the directory is damaged", at: start)
    }
    _ = try cursor.take(4)
    let flags = try cursor.number(2)
    let method = try cursor.number(2)
    _ = try cursor.take(4)
    let checksum = UInt32(truncatingIfNeeded: try cursor.number(4))
    var compressed = try cursor.number(4)
    var size = try cursor.number(4)
    let lengths = (
      name: try cursor.number(2), extra: try cursor.number(2), comment: try cursor.number(2)
    )
    _ = try cursor.take(8)
    var offset = try cursor.number(4)
    let name = String(decoding: try cursor.take(lengths.name), as: UTF8.self)
    let extra = try cursor.take(lengths.extra)
    _ = try cursor.take(lengths.comment)
    guard flags & 1 == 0 else { throw cursor.fault("'\(name)' is encrypted", at: start) }
    if [size, compressed, offset].contains(0xffff_ffff) {
      var wide = try wideFields(extra, cursor, start)
      if size == 0xffff_ffff { size = try wide.number(8) }
      if compressed == 0xffff_ffff { compressed = try wide.number(8) }
      if offset == 0xffff_ffff { offset = try wide.number(8) }
    }
    return Entry(
      name: name, method: method, checksum: checksum, compressed: compressed, size: size,
      offset: offset)
  }

  /// The 64-bit sizes in an entry's extra fields.
  private static func wideFields(_ extra: ArraySlice<UInt8>, _ cursor: ByteCursor, _ start: Int)
    throws(DataError) -> ByteCursor
  {
    var fields = ByteCursor(Array(extra), base: start, file: cursor.file)
    while !fields.isAtEnd {
      let kind = try fields.number(2)
      let value = try fields.take(try fields.number(2))
      if kind == 1 { return ByteCursor(Array(value), base: start, file: cursor.file) }
    }
    throw cursor.fault("the 64-bit sizes are missing", at: start)
  }

  /// Where the central directory lies, from the record at the end of the file.
  private static func end(_ file: borrowing RegularFile) throws(DataError) -> (
    start: Int, size: Int, count: Int
  ) {
    let tailSize = min(file.size, 22 + 0xffff)
    let tailStart = file.size - tailSize
    let tail = try file.bytes(at: tailStart, count: tailSize)
    let starts = stride(from: tailSize - 22, through: 0, by: -1)
    guard let found = starts.first(where: { tail[$0...].starts(with: [0x50, 0x4b, 5, 6]) }) else {
      throw .malformed(
        file: file.path, offset: file.size,
        reason: "no ZIP directory at the end; the file is cut off or not an NPZ file")
    }
    var cursor = ByteCursor(Array(tail[found...]), base: tailStart + found, file: file.path)
    _ = try cursor.take(4)
    let disks = (try cursor.number(2), try cursor.number(2), try cursor.number(2))
    let count = try cursor.number(2)
    let size = try cursor.number(4)
    let start = try cursor.number(4)
    if count == 0xffff || size == 0xffff_ffff || start == 0xffff_ffff {
      return try wideEnd(file, locator: tailStart + found - 20)
    }
    guard disks == (0, 0, count) else {
      throw cursor.fault("the archive is one of several parts", at: tailStart + found)
    }
    return (start, size, count)
  }

  private static func wideEnd(_ file: borrowing RegularFile, locator: Int) throws(DataError) -> (
    start: Int, size: Int, count: Int
  ) {
    guard locator >= 0 else {
      throw .malformed(file: file.path, offset: 0, reason: "the 64-bit directory is missing")
    }
    var cursor = ByteCursor(try file.bytes(at: locator, count: 20), base: locator, file: file.path)
    let signature = try cursor.number(4)
    _ = try cursor.take(4)
    let offset = try cursor.number(8)
    guard signature == 0x0706_4b50, offset <= locator else {
      throw cursor.fault("the 64-bit directory is missing", at: locator)
    }
    var record = ByteCursor(
      try file.bytes(at: offset, count: 56), base: offset, file: file.path)
    guard try record.number(4) == 0x0606_4b50 else {
      throw record.fault("the 64-bit directory is missing", at: offset)
    }
    _ = try record.take(28)
    let count = try record.number(8)
    let size = try record.number(8)
    let start = try record.number(8)
    // An entry takes 46 bytes of the directory.
    guard count <= size / 46 else { throw record.fault("too many entries", at: offset) }
    return (start, size, count)
  }
}

/// CRC-32 as ZIP uses it.
func zipChecksum(_ bytes: [UInt8]) -> UInt32 {
  bytes.withUnsafeBufferPointer { UInt32(truncatingIfNeeded: crc32_z(0, $0.baseAddress, $0.count)) }
}
