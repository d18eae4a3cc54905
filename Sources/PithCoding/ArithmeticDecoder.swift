import CPithKernels

/// Reads what an `ArithmeticEncoder` has written.
///
/// Past the end it reads zeros, so damaged bytes give some values, never a trap; `isExhausted`
/// tells.
public final class ArithmeticDecoder {
  var coder = pith_coder()
  private let storage: UnsafeMutableBufferPointer<UInt8>

  /// A decoder of a whole stream, or nil when its first bytes contradict its length.
  public init?(_ bytes: some Collection<UInt8>) {
    let source = ArraySlice(Array(bytes))
    var reader = ByteReader(source, section: "", origin: 0)
    guard let verbatim = try? reader.count(), verbatim <= reader.left else { return nil }
    storage = .allocate(capacity: max(reader.left, 1))
    _ = storage.initialize(from: source[reader.position...])
    let base = UnsafePointer(storage.baseAddress)
    pith_decoder_start(
      &coder, base.map { $0 + verbatim }, reader.left - verbatim, base, verbatim)
  }

  deinit {
    storage.deallocate()
  }

  /// The next bit of a model.
  public func decode(_ model: inout BitModel) -> Bool {
    pith_decode_bit(&coder, &model.state) != 0
  }

  /// The next `count` verbatim bits (at most 32).
  public func decode(verbatim count: Int) -> UInt32 {
    pith_decode_verbatim(&coder, UInt32(min(max(count, 0), 32)))
  }

  /// Whether more was read than the stream holds: it was cut or damaged.
  public var isExhausted: Bool { pith_decoder_overrun(&coder) > 4 }
}
