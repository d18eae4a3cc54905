import Foundation
import PithTensors

extension OnnxTensorProto {
  var hasTypedData: Bool {
    !floatData.isEmpty || !int32Data.isEmpty || !stringData.isEmpty || !int64Data.isEmpty
      || !doubleData.isEmpty || !uint64Data.isEmpty
  }
}

/// The elements of a tensor in the fields that have a type.
struct TypedData {
  private let proto: OnnxTensorProto

  init(_ proto: OnnxTensorProto) { self.proto = proto }

  /// Nil when the elements are of another number or stand in the field of another type.
  func tensor(_ dtype: DType, _ shape: Shape) -> Tensor? {
    let count = shape.count
    if count == 0 {
      return proto.hasTypedData
        ? nil : (dtype == .string ? Tensor(strings: [], shape) : Tensor(dtype, shape))
    }
    let narrow = proto.int32Data
    switch dtype {
    case .float32: return make(proto.floatData, shape)
    case .float64: return make(proto.doubleData, shape)
    case .int64: return make(proto.int64Data, shape)
    case .uint64: return make(proto.uint64Data, shape)
    case .uint32: return make(proto.uint64Data.map { UInt32(truncatingIfNeeded: $0) }, shape)
    case .int32: return make(narrow, shape)
    case .int16: return make(narrow.map { Int16(truncatingIfNeeded: $0) }, shape)
    case .uint16: return make(narrow.map { UInt16(truncatingIfNeeded: $0) }, shape)
    case .int8: return make(narrow.map { Int8(truncatingIfNeeded: $0) }, shape)
    case .uint8: return make(narrow.map { UInt8(truncatingIfNeeded: $0) }, shape)
    case .bool: return make(narrow.map { $0 != 0 }, shape)
    case .float16, .bfloat16:
      return fill(dtype, shape, narrow.map { UInt16(truncatingIfNeeded: $0) })
    case .int4, .uint4:
      return fill(dtype, shape, narrow.map { UInt8(truncatingIfNeeded: $0) })
    case .string:
      guard proto.stringData.count == count else { return nil }
      return Tensor(strings: proto.stringData.map { [UInt8]($0) }, shape)
    }
  }

  private func make<Element: TensorElement>(_ elements: [Element], _ shape: Shape) -> Tensor? {
    elements.count == shape.count ? Tensor(elements, shape) : nil
  }

  /// A tensor with the given bits, for types that Swift has no name for.
  private func fill<Bits: BitwiseCopyable>(_ dtype: DType, _ shape: Shape, _ bits: [Bits])
    -> Tensor?
  {
    bits.withUnsafeBytes { Tensor(dtype, shape, bytes: $0) }
  }
}
