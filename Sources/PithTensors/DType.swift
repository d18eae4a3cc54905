/// The type of one element of a tensor; names follow the ONNX specification.
public enum DType: String, Sendable, Hashable, CaseIterable, Codable {
  case float32, float16, bfloat16, float64
  case int8, uint8, int16, uint16, int32, uint32, int64, uint64
  /// Four-bit integers, two to a byte, the first in the low half.
  case int4, uint4
  case bool
  /// Text; tensors of strings are carried through a graph, never computed with.
  case string

  /// Bits of one element; 0 for `string`, whose elements vary.
  public var bits: Int {
    switch self {
    case .int4, .uint4: 4
    case .int8, .uint8, .bool: 8
    case .float16, .bfloat16, .int16, .uint16: 16
    case .float32, .int32, .uint32: 32
    case .float64, .int64, .uint64: 64
    case .string: 0
    }
  }

  /// Bytes that `count` elements take, row after row, rounded up to whole bytes.
  public func bytes(for count: Int) -> Int { (count * bits + 7) / 8 }

  public var isFloatingPoint: Bool {
    switch self {
    case .float32, .float16, .bfloat16, .float64: true
    default: false
    }
  }

  public var isInteger: Bool { !isFloatingPoint && self != .bool && self != .string }

  public var isSigned: Bool {
    switch self {
    case .uint8, .uint16, .uint32, .uint64, .uint4, .bool, .string: false
    default: true
    }
  }
}

/// A Swift type whose memory is that of a tensor's elements.
public protocol TensorElement: BitwiseCopyable, Sendable {
  static var dtype: DType { get }
}

extension Float: TensorElement { public static var dtype: DType { .float32 } }
extension Double: TensorElement { public static var dtype: DType { .float64 } }
extension Int8: TensorElement { public static var dtype: DType { .int8 } }
extension UInt8: TensorElement { public static var dtype: DType { .uint8 } }
extension Int16: TensorElement { public static var dtype: DType { .int16 } }
extension UInt16: TensorElement { public static var dtype: DType { .uint16 } }
extension Int32: TensorElement { public static var dtype: DType { .int32 } }
extension UInt32: TensorElement { public static var dtype: DType { .uint32 } }
extension Int64: TensorElement { public static var dtype: DType { .int64 } }
extension UInt64: TensorElement { public static var dtype: DType { .uint64 } }
extension Bool: TensorElement { public static var dtype: DType { .bool } }
