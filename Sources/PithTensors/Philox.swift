/// Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy
/// as 1, 2, 3", SC 2011). The n-th number depends only on the key, the stream and n, so a resumed
/// job draws what an uninterrupted one would.
public struct Philox: RandomNumberGenerator, Sendable, Hashable, Codable {
  /// Two 32-bit key words, from the seed.
  public let key: UInt64
  /// The upper half of the 128-bit counter: independent sequences under one seed.
  public let stream: UInt64
  /// Blocks of four 32-bit words drawn so far.
  public private(set) var counter: UInt64 = 0
  private var spare: UInt64?

  public init(seed: UInt64, stream: UInt64 = 0) {
    key = seed
    self.stream = stream
  }

  /// The block of four words at a 128-bit counter, least significant word first.
  public static func block(counter: (UInt64, UInt64), key: UInt64) -> SIMD4<UInt32> {
    var c = SIMD4(
      UInt32(truncatingIfNeeded: counter.0), UInt32(truncatingIfNeeded: counter.0 >> 32),
      UInt32(truncatingIfNeeded: counter.1), UInt32(truncatingIfNeeded: counter.1 >> 32))
    var k0 = UInt32(truncatingIfNeeded: key)
    var k1 = UInt32(truncatingIfNeeded: key >> 32)
    for _ in 0..<10 {
      let low = UInt64(0xD251_1F53) * UInt64(c.x)
      let high = UInt64(0xCD9E_8D57) * UInt64(c.z)
      c = SIMD4(
        UInt32(truncatingIfNeeded: high >> 32) ^ c.y ^ k0, UInt32(truncatingIfNeeded: high),
        UInt32(truncatingIfNeeded: low >> 32) ^ c.w ^ k1, UInt32(truncatingIfNeeded: low))
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return c
  }

  public mutating func next() -> UInt64 {
    if let word = spare {
      spare = nil
      return word
    }
    let words = Self.block(counter: (counter, stream), key: key)
    counter += 1
    spare = UInt64(words.z) | UInt64(words.w) << 32
    return UInt64(words.x) | UInt64(words.y) << 32
  }

  /// A number in [0, 1), a multiple of 2^-24.
  public mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// A draw from the standard normal distribution (Box and Muller).
  public mutating func normal() -> Float {
    let radius = (-2 * logarithm(Double(next() >> 11) * 0x1p-53 + 0x1p-54)).squareRoot()
    return Float(radius * cosine(2 * .pi * Double(next() >> 11) * 0x1p-53))
  }

  /// A permutation of 0..<count (Fisher and Yates).
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for index in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(index, Int(next() % UInt64(index + 1)))
    }
    return order
  }
}
