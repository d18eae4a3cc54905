/// How the bytes of a tensor divide into elements, as far as coding needs to know.
struct ElementFormat: Hashable {
  /// Bits of an element: 4, 8, 16, 32 or 64.
  var width: Int
  /// Bits of a floating-point number's exponent; 0 for whole numbers.
  var exponent = 0
  var isSigned = false

  static let byte = ElementFormat(width: 8)
  static let int64 = ElementFormat(width: 64, isSigned: true)

  var isFloat: Bool { exponent > 0 }
  /// The bits of a float's negative zero.
  var negativeZero: UInt64 { 1 << UInt64(width - 1) }
  /// Bytes of an element; 4-bit elements are unpacked before they are looked at.
  var byteWidth: Int { max(width / 8, 1) }

  /// The format of an element type of ONNX (`TensorProto.DataType`).
  init(onnxType: Int) {
    switch onnxType {
    case 1: self.init(width: 32, exponent: 8, isSigned: true)
    case 3: self.init(width: 8, isSigned: true)
    case 4: self.init(width: 16)
    case 5: self.init(width: 16, isSigned: true)
    case 6: self.init(width: 32, isSigned: true)
    case 7: self.init(width: 64, isSigned: true)
    case 10: self.init(width: 16, exponent: 5, isSigned: true)
    case 11: self.init(width: 64, exponent: 11, isSigned: true)
    case 12: self.init(width: 32)
    case 13: self.init(width: 64)
    case 14: self.init(width: 32, exponent: 8, isSigned: true)  // pairs of float32
    case 15: self.init(width: 64, exponent: 11, isSigned: true)
    case 16: self.init(width: 16, exponent: 8, isSigned: true)
    case 21, 22, 23: self.init(width: 4)
    default: self.init(width: 8)
    }
  }

  init(width: Int, exponent: Int = 0, isSigned: Bool = false) {
    self.width = width
    self.exponent = exponent
    self.isSigned = isSigned
  }

  /// A number that rises with the value of the element whose bits are given.
  func rank(of bits: UInt64) -> UInt64 {
    guard isSigned else { return bits }
    let sign = UInt64(1) << UInt64(width - 1)
    if !isFloat { return bits ^ sign }
    let all = sign | (sign - 1)
    return bits & sign == 0 ? bits | sign : ~bits & all
  }

  /// The value of a whole number's bits.
  func level(of bits: UInt64) -> Int64 {
    guard isSigned, width < 64 else { return Int64(bitPattern: bits) }
    let shift = UInt64(64 - width)
    return Int64(bitPattern: bits << shift) >> Int64(shift)
  }

  /// The bits of a whole number, cut to the width.
  func bits(of level: Int64) -> UInt64 {
    width < 64 ? UInt64(bitPattern: level) & ((1 << UInt64(width)) - 1) : UInt64(bitPattern: level)
  }
}

/// The type of a tensor's elements in ONNX's own words.
func onnxTypeName(_ type: Int) -> String {
  let names = [
    "undefined", "float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool",
    "float16", "float64", "uint32", "uint64", "complex64", "complex128", "bfloat16",
    "float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "uint4", "int4", "float4e2m1",
  ]
  return names.indices.contains(type) ? names[type] : "type \(type)"
}
