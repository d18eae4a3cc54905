/// The elements of a tensor as little-endian bytes, `format.byteWidth` to an element.
///
/// Elements of four bits have been given a byte each.
struct ElementBytes {
  let format: ElementFormat
  var bytes: [UInt8]

  var count: Int { bytes.count / format.byteWidth }

  /// The elements of a payload, or nil when the payload is no whole number of them.
  init?(_ payload: ArraySlice<UInt8>, format: ElementFormat) {
    self.format = format
    if format.width == 4 {
      bytes = []
      bytes.reserveCapacity(payload.count * 2)
      for byte in payload {
        bytes.append(byte & 15)
        bytes.append(byte >> 4)
      }
    } else {
      guard payload.count % format.byteWidth == 0 else { return nil }
      bytes = Array(payload)
    }
  }

  /// Elements yet to be decoded, all zero.
  init(format: ElementFormat, count: Int) {
    self.format = format
    bytes = [UInt8](repeating: 0, count: count * format.byteWidth)
  }

  /// How many elements a payload of `byteCount` bytes has.
  static func count(ofPayload byteCount: Int, format: ElementFormat) -> Int? {
    if format.width == 4 { return byteCount * 2 }
    return byteCount % format.byteWidth == 0 ? byteCount / format.byteWidth : nil
  }

  /// The payload that these elements came from.
  var payload: [UInt8] {
    guard format.width == 4 else { return bytes }
    return stride(from: 0, to: bytes.count - 1, by: 2).map {
      bytes[$0] & 15 | bytes[$0 + 1] << 4
    }
  }

  /// Calls `body` with the bits of each element until it answers false.
  func forEach(_ body: (Int, UInt64) -> Bool) {
    bytes.withUnsafeBytes { raw in
      for index in 0..<count {
        let bits: UInt64
        switch format.byteWidth {
        case 1: bits = UInt64(raw[index])
        case 2: bits = UInt64(raw.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
        case 4: bits = UInt64(raw.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
        default: bits = raw.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
        }
        if !body(index, bits) { return }
      }
    }
  }

  /// Writes the bits of `count` elements, one after the other.
  mutating func fill(_ next: (Int) -> UInt64) {
    let count = count
    let width = format.byteWidth
    bytes.withUnsafeMutableBytes { raw in
      for index in 0..<count {
        let bits = next(index)
        switch width {
        case 1: raw[index] = UInt8(truncatingIfNeeded: bits)
        case 2:
          raw.storeBytes(
            of: UInt16(truncatingIfNeeded: bits), toByteOffset: 2 * index, as: UInt16.self)
        case 4:
          raw.storeBytes(
            of: UInt32(truncatingIfNeeded: bits), toByteOffset: 4 * index, as: UInt32.self)
        default: raw.storeBytes(of: bits, toByteOffset: 8 * index, as: UInt64.self)
        }
      }
    }
  }
}
