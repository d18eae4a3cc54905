/// Reads little-endian numbers from bytes, never past their end.
struct ByteCursor {
  let file: String
  private let bytes: [UInt8]
  private let base: Int
  private var position = 0

  /// `base` is where the bytes lie in the file.
  init(_ bytes: [UInt8], base: Int, file: String) {
    self.bytes = bytes
    self.base = base
    self.file = file
  }

  var offset: Int { base + position }
  var isAtEnd: Bool { position == bytes.count }

  mutating func take(_ count: Int) throws(DataError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= bytes.count - position else {
      throw .truncated(
        file: file, offset: offset, expected: count, found: bytes.count - position)
    }
    position += count
    return bytes[position - count..<position]
  }

  /// An unsigned number of up to eight bytes; one that does not fit an `Int` is refused.
  mutating func number(_ width: Int) throws(DataError) -> Int {
    let start = offset
    let value = try take(width).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let number = Int(exactly: value) else {
      throw fault("\(value) is out of range", at: start)
    }
    return number
  }

  func fault(_ reason: String, at offset: Int) -> DataError {
    .malformed(file: file, offset: offset, reason: reason)
  }
}
