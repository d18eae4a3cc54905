/// Reads a bounded run of bytes; every refusal names the section and where in the file it happened.
struct ByteReader {
  let bytes: ArraySlice<UInt8>
  let section: String
  /// Where `bytes` begins in the file.
  let origin: Int
  private(set) var position: Int

  init(_ bytes: ArraySlice<UInt8>, section: String, origin: Int) {
    self.bytes = bytes
    self.section = section
    self.origin = origin
    position = bytes.startIndex
  }

  var left: Int { bytes.endIndex - position }
  var offset: Int { origin + position - bytes.startIndex }

  func damaged(_ reason: String) -> CodingError {
    .damaged(section: section, offset: offset, reason: reason)
  }

  mutating func byte() throws(CodingError) -> UInt8 {
    guard position < bytes.endIndex else { throw .truncated(section: section, offset: offset) }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func take(_ count: Int) throws(CodingError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= left else { throw .truncated(section: section, offset: offset) }
    defer { position += count }
    return bytes[position..<position + count]
  }

  /// A little-endian number of `count` bytes.
  mutating func number(bytes count: Int) throws(CodingError) -> UInt64 {
    var value: UInt64 = 0
    for (place, byte) in try take(count).enumerated() { value |= UInt64(byte) << UInt64(8 * place) }
    return value
  }

  /// A count in base 128, lowest digit first; at most 2^48.
  mutating func count() throws(CodingError) -> Int {
    var value = 0
    for shift in stride(from: 0, to: 49, by: 7) {
      let digit = try byte()
      value |= Int(digit & 127) << shift
      if digit < 128 { return value }
    }
    throw damaged("a count has too many digits")
  }
}

extension [UInt8] {
  /// Appends a count in base 128, lowest digit first.
  mutating func append(count: Int) {
    var rest = UInt64(bitPattern: Int64(count))
    while rest > 127 {
      append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  /// Appends the low `bytes` bytes of a number, lowest first.
  mutating func append(number: UInt64, bytes: Int) {
    for place in 0..<bytes { append(UInt8(truncatingIfNeeded: number >> UInt64(8 * place))) }
  }
}
