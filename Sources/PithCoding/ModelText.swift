import CPithKernels

/// Codes the text of a model: its bytes without the payloads of tensors.
enum ModelText {
  private enum Method: UInt8 {
    case stored = 0
    case zstandard = 1
    case mixed = 2
  }

  /// Texts above this are left to Zstandard, whose decoder is faster.
  static let largestMixed = 4 << 20

  /// The smallest coding of a text. `isWalked` tells whether payloads were taken out.
  static func encode(_ text: [UInt8], isWalked: Bool) throws(CodingError) -> [UInt8] {
    var best = (Method.stored, text)
    let frame = try Zstandard.compress(text)
    if frame.count < best.1.count { best = (.zstandard, frame) }
    if text.count <= largestMixed {
      let encoder = ArithmeticEncoder()
      let prior = TextPrior.bytes
      guard pith_encode_bytes(&encoder.coder, prior, prior.count, text, text.count) == 0 else {
        throw .outOfMemory
      }
      let mixed = try encoder.finish()
      if mixed.count < best.1.count { best = (.mixed, mixed) }
    }
    var bytes: [UInt8] = [best.0.rawValue | (isWalked ? 16 : 0)]
    bytes.append(count: text.count)
    return bytes + best.1
  }

  /// The text of a section, of at most `limit` bytes, and whether payloads were taken out of it.
  static func decode(
    _ section: ArchiveSection, limit: Int
  ) throws(CodingError) -> (text: [UInt8], isWalked: Bool) {
    var reader = ByteReader(section.bytes, section: section.name, origin: section.offset)
    let head = try reader.byte()
    let count = try reader.count()
    guard count <= limit else { throw reader.damaged("it is longer than the model") }
    let coded = try reader.take(reader.left)
    switch Method(rawValue: head & 15) {
    case .stored:
      guard coded.count == count else { throw reader.damaged("its length does not agree") }
      return (Array(coded), head & 16 != 0)
    case .zstandard:
      guard let text = Zstandard.decompress(coded, count: count) else {
        throw reader.damaged("it is no valid Zstandard frame of its length")
      }
      return (text, head & 16 != 0)
    case .mixed:
      guard count <= largestMixed, let decoder = ArithmeticDecoder(coded) else {
        throw reader.damaged("its length does not agree")
      }
      var text = [UInt8](repeating: 0, count: count)
      let prior = TextPrior.bytes
      guard pith_decode_bytes(&decoder.coder, prior, prior.count, &text, count) == 0 else {
        throw .outOfMemory
      }
      if decoder.isExhausted { throw reader.damaged("it ends early") }
      return (text, head & 16 != 0)
    case nil: throw reader.damaged("it is coded in an unknown way")
    }
  }
}
