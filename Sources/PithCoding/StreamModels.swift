import CPithKernels

/// What encoder and decoder of a stream learn from tensor to tensor.
final class StreamModels {
  /// Numbers that are coded in context of their kind.
  enum Number: Int, CaseIterable {
    case entryCount, zeroSymbol, density, lag, elementCount
  }

  var choices: [BitModel]
  var flags: [BitModel]
  var prefixes: [BitModel]
  let floats: OpaquePointer

  init() throws(CodingError) {
    guard let floats = pith_float_model_create() else { throw .outOfMemory }
    self.floats = floats
    choices = Array(repeating: BitModel(), count: 2 * TensorCoding.treeSize)
    flags = Array(repeating: BitModel(), count: 64)
    prefixes = Array(repeating: BitModel(), count: Number.allCases.count * 64)
  }

  /// An equal set of models, to try a coding without being taught by it.
  init(copying other: StreamModels) throws(CodingError) {
    guard let floats = pith_float_model_copy(other.floats) else { throw .outOfMemory }
    self.floats = floats
    choices = other.choices
    flags = other.flags
    prefixes = other.prefixes
  }

  deinit { pith_float_model_release(floats) }
}

extension ArithmeticEncoder {
  /// A whole number of at most 32 bits: its length in context, then its bits (Elias gamma).
  func encode(_ value: Int, as kind: StreamModels.Number, _ models: StreamModels) {
    let shifted = UInt64(value) + 1
    let length = 63 - shifted.leadingZeroBitCount
    for place in 0..<length { encode(true, &models.prefixes[kind.rawValue * 64 + place]) }
    if length < 48 { encode(false, &models.prefixes[kind.rawValue * 64 + length]) }
    encode(verbatim: UInt32(truncatingIfNeeded: shifted), count: min(length, 24))
    encode(verbatim: UInt32(truncatingIfNeeded: shifted >> 24), count: max(length - 24, 0))
  }
}

extension ArithmeticDecoder {
  /// The next number of its kind, at most 2^49.
  func decode(_ kind: StreamModels.Number, _ models: StreamModels) -> Int {
    var length = 0
    while length < 48, decode(&models.prefixes[kind.rawValue * 64 + length]) { length += 1 }
    let low = UInt64(decode(verbatim: min(length, 24)))
    let high = UInt64(decode(verbatim: max(length - 24, 0)))
    return Int((UInt64(1) << UInt64(length) | high << 24 | low) - 1)
  }
}
