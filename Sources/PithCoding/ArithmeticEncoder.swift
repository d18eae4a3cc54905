import CPithKernels

/// Writes bins with adaptive probabilities, and bits verbatim, into one stream.
///
/// A binary range coder (32-bit interval, renormalised by bytes, no carries); see
/// `Sources/CPithKernels/arithmetic_coder.c`.
public final class ArithmeticEncoder {
  var coder = pith_coder()

  public init() { pith_encoder_start(&coder) }

  deinit { pith_coder_release(&coder) }

  /// Codes a bit, and lets the model learn from it.
  public func encode(_ bit: Bool, _ model: inout BitModel) {
    pith_encode_bit(&coder, &model.state, bit ? 1 : 0)
  }

  /// Appends the low `count` bits (at most 32) of a value as they are.
  public func encode(verbatim value: UInt32, count: Int) {
    pith_encode_verbatim(&coder, value, UInt32(min(max(count, 0), 32)))
  }

  /// Bytes written so far, a few pending ones left out.
  public var byteCount: Int { coder.bin_count + coder.verbatim_count }

  /// Ends the stream and returns its bytes; nothing can be encoded afterwards.
  public func finish() throws(CodingError) -> [UInt8] {
    pith_encoder_finish(&coder)
    if coder.failed != 0 { throw .outOfMemory }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount + 5)
    bytes.append(count: coder.verbatim_count)
    bytes.append(
      contentsOf: UnsafeBufferPointer(start: coder.verbatim, count: coder.verbatim_count))
    bytes.append(contentsOf: UnsafeBufferPointer(start: coder.bins, count: coder.bin_count))
    return bytes
  }
}
