/// Writes bits into bytes, the first bit in the highest place.
public struct BitWriter: Sendable {
  /// The bytes so far; the last one is filled with zeros.
  public private(set) var bytes: [UInt8] = []
  public private(set) var bitCount = 0

  public init() {}

  /// Appends the low `count` bits (at most 64) of a value, highest first.
  public mutating func write(_ value: UInt64, count: Int) {
    var left = min(max(count, 0), 64)
    while left > 0 {
      let room = 8 - bitCount % 8
      if room == 8 { bytes.append(0) }
      let taken = min(room, left)
      let part = (value >> UInt64(left - taken)) & ((1 << UInt64(taken)) - 1)
      bytes[bytes.count - 1] |= UInt8(part) << UInt8(room - taken)
      bitCount += taken
      left -= taken
    }
  }
}
