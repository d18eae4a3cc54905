extension Tensor {
  /// The elements converted to `Float`, whatever numeric type they have.
  public var floats: [Float] {
    if dtype == .float32 { return array(of: Float.self) }
    return doubles.map(Float.init)
  }

  /// The elements converted to `Double`; strings give an empty array.
  public var doubles: [Double] {
    switch dtype {
    case .float32: read(as: Float.self) { $0.map(Double.init) }
    case .float64: array(of: Double.self)
    case .float16: rawWords.map { Double(Float(halfBits: $0)) }
    case .bfloat16: rawWords.map { Double(Float(bitPattern: UInt32($0) << 16)) }
    case .string: []
    default: integers.map(Double.init)
    }
  }

  /// The elements converted to `Int` (floats are truncated towards zero, out-of-range values
  /// clamped, NaN becomes 0); strings give an empty array.
  public var integers: [Int] {
    switch dtype {
    case .int8: read(as: Int8.self) { $0.map(Int.init) }
    case .uint8: read(as: UInt8.self) { $0.map(Int.init) }
    case .int16: read(as: Int16.self) { $0.map(Int.init) }
    case .uint16: read(as: UInt16.self) { $0.map(Int.init) }
    case .int32: read(as: Int32.self) { $0.map(Int.init) }
    case .uint32: read(as: UInt32.self) { $0.map(Int.init) }
    case .int64: read(as: Int64.self) { $0.map(Int.init) }
    case .uint64: read(as: UInt64.self) { $0.map { Int(clamping: $0) } }
    case .bool: readBytes { $0.map { $0 == 0 ? 0 : 1 } }
    case .int4, .uint4: nibbles
    case .float32, .float64, .float16, .bfloat16:
      doubles.map { $0.isNaN ? 0 : Int(exactly: $0.rounded(.towardZero)) ?? ($0 < 0 ? .min : .max) }
    case .string: []
    }
  }

  /// The elements converted to another numeric type, as ONNX's Cast does (floats truncate towards
  /// zero, narrowing integers wrap, non-zero is true).
  public func converted(to target: DType) -> Tensor {
    if target == dtype || dtype == .string || target == .string { return self }
    switch target {
    case .float32: return Tensor(floats, shape)
    case .float64: return Tensor(doubles, shape)
    case .float16: return words(floats.map(\.halfBits), target)
    case .bfloat16: return words(floats.map(\.brainBits), target)
    case .bool:
      return Tensor(
        dtype.isFloatingPoint ? doubles.map { $0 != 0 } : integers.map { $0 != 0 }, shape)
    case .int8: return Tensor(integers.map { Int8(truncatingIfNeeded: $0) }, shape)
    case .uint8: return Tensor(integers.map { UInt8(truncatingIfNeeded: $0) }, shape)
    case .int16: return Tensor(integers.map { Int16(truncatingIfNeeded: $0) }, shape)
    case .uint16: return Tensor(integers.map { UInt16(truncatingIfNeeded: $0) }, shape)
    case .int32: return Tensor(integers.map { Int32(truncatingIfNeeded: $0) }, shape)
    case .uint32: return Tensor(integers.map { UInt32(truncatingIfNeeded: $0) }, shape)
    case .int64: return Tensor(integers.map(Int64.init), shape)
    case .uint64: return Tensor(integers.map { UInt64(truncatingIfNeeded: $0) }, shape)
    case .int4, .uint4: return Tensor(packing: integers, target, shape)
    case .string: return self
    }
  }

  /// Four-bit integers from whole ones (the low four bits of each are kept).
  public init(packing values: [Int], _ dtype: DType, _ shape: Shape) {
    self.init(dtype, shape)
    updateBytes { bytes in
      for (index, value) in values.enumerated() {
        let nibble = UInt8(truncatingIfNeeded: value & 15)
        bytes[index / 2] |= index % 2 == 0 ? nibble : nibble << 4
      }
    }
  }

  private var nibbles: [Int] {
    readBytes { bytes in
      (0..<count).map { index in
        let nibble = Int(index % 2 == 0 ? bytes[index / 2] & 15 : bytes[index / 2] >> 4)
        return dtype == .int4 && nibble > 7 ? nibble - 16 : nibble
      }
    }
  }

  private var rawWords: [UInt16] { readBytes { Array($0.bindMemory(to: UInt16.self)) } }

  private func words(_ words: [UInt16], _ dtype: DType) -> Tensor {
    var result = Tensor(dtype, shape, zeroed: false)
    result.updateBytes { bytes in
      words.withUnsafeBytes { if !$0.isEmpty { bytes.copyMemory(from: $0) } }
    }
    return result
  }
}

extension Float {
  /// The value of an IEEE 754 half-precision number.
  public init(halfBits bits: UInt16) {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 31
    let fraction = UInt32(bits & 0x3ff)
    switch exponent {
    case 0:  // zero or denormal: fraction * 2^-24
      let magnitude = Float(fraction) * 0x1p-24
      self = sign == 0 ? magnitude : -magnitude
    case 31: self = Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
    default: self = Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  /// The nearest half-precision number, ties to even; overflow gives infinity.
  public var halfBits: UInt16 {
    let sign = UInt16((bitPattern >> 16) & 0x8000)
    if isNaN { return sign | 0x7e00 }
    let magnitude = self.magnitude
    if magnitude >= 65520 { return sign | 0x7c00 }
    if magnitude < 0x1p-14 {  // denormal: a multiple of 2^-24
      return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven))
    }
    let bits = magnitude.bitPattern
    let rounded = bits + 0xfff + ((bits >> 13) & 1)
    return sign | UInt16(truncatingIfNeeded: (rounded >> 13) - (112 << 10))
  }

  /// The nearest bfloat16 number, ties to even.
  public var brainBits: UInt16 {
    if isNaN { return UInt16(truncatingIfNeeded: bitPattern >> 16) | 0x40 }
    return UInt16(truncatingIfNeeded: (bitPattern &+ 0x7fff &+ ((bitPattern >> 16) & 1)) >> 16)
  }
}
