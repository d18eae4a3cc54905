/// Runs of protobuf varints.
enum Varints {
  /// The numbers of a run, or nil when encoding them again would not give the same bytes.
  static func decode(_ bytes: ArraySlice<UInt8>) -> [UInt64]? {
    var numbers: [UInt64] = []
    var value: UInt64 = 0
    var shift: UInt64 = 0
    for byte in bytes {
      guard shift < 63 || (shift == 63 && byte <= 1) else { return nil }
      value |= UInt64(byte & 127) << shift
      if byte >= 128 {
        shift += 7
      } else {
        if byte == 0 && shift > 0 { return nil }
        numbers.append(value)
        value = 0
        shift = 0
      }
    }
    return shift == 0 && value == 0 ? numbers : nil
  }

  static func encode(_ numbers: some Sequence<UInt64>) -> [UInt8] {
    var bytes: [UInt8] = []
    for number in numbers {
      var rest = number
      while rest > 127 {
        bytes.append(UInt8(rest & 127) | 128)
        rest >>= 7
      }
      bytes.append(UInt8(rest))
    }
    return bytes
  }
}
