/// Reads bits from bytes, the first bit in the highest place; past the end it answers nil.
public struct BitReader: Sendable {
  private let bytes: ArraySlice<UInt8>
  public private(set) var bitPosition = 0

  public init(_ bytes: some Collection<UInt8>) { self.bytes = ArraySlice(Array(bytes)) }

  public var bitsLeft: Int { bytes.count * 8 - bitPosition }

  /// The next bit.
  public mutating func readBit() -> Int? {
    guard bitPosition < bytes.count * 8 else { return nil }
    let byte = bytes[bitPosition >> 3]
    let bit = (byte >> UInt8(7 - bitPosition & 7)) & 1
    bitPosition += 1
    return Int(bit)
  }

  /// The next `count` bits (at most 64) as a number, highest first.
  public mutating func read(_ count: Int) -> UInt64? {
    guard count >= 0, count <= 64, count <= bitsLeft else { return nil }
    var value: UInt64 = 0
    for _ in 0..<count {
      guard let bit = readBit() else { return nil }
      value = value << 1 | UInt64(bit)
    }
    return value
  }
}
