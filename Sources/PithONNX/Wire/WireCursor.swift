/// Steps through protobuf bytes without building anything; every read is checked against the end.
struct WireCursor {
  /// How a field's value is laid out, as the low three bits of its tag say.
  enum Kind: UInt8 {
    case varint = 0
    case fixed64 = 1
    case bytes = 2
    case fixed32 = 5
  }

  struct Field {
    let number: Int
    let kind: Kind
    /// The place of the tag.
    let start: Int
    /// The place of the value: of the payload for `bytes`.
    let value: Range<Int>
  }

  private let bytes: UnsafeRawBufferPointer
  private(set) var position: Int
  private let end: Int

  /// `range` must lie within `bytes`.
  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { position >= end }

  mutating func varint() throws(ONNXError) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while position < end, shift < 64 {
      let byte = bytes[position]
      position += 1
      result |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return result }
      shift += 7
    }
    throw .malformed("a number is cut off or too long at byte \(position)")
  }

  mutating func field() throws(ONNXError) -> Field {
    let start = position
    let tag = try varint()
    let number = tag >> 3
    guard let kind = Kind(rawValue: UInt8(tag & 7)), (1..<(1 << 29)).contains(number) else {
      throw .malformed("byte \(start) starts no field of a protobuf message")
    }
    switch kind {
    case .varint:
      let value = position
      _ = try varint()
      return Field(number: Int(number), kind: kind, start: start, value: value..<position)
    case .fixed32: try advance(by: 4)
    case .fixed64: try advance(by: 8)
    case .bytes: try advance(by: try varint())
    }
    return Field(
      number: Int(number), kind: kind, start: start, value: lastStart..<position)
  }

  private var lastStart = 0

  private mutating func advance(by count: UInt64) throws(ONNXError) {
    guard count <= UInt64(end - position) else {
      throw .malformed("the file ends inside a field of \(count) bytes at byte \(position)")
    }
    lastStart = position
    position += Int(count)
  }
}
