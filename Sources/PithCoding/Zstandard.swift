import CZstd

/// Zstandard frames of known size.
enum Zstandard {
  /// Compresses at level 19.
  static func compress(_ bytes: some Collection<UInt8>) throws(CodingError) -> [UInt8] {
    let source = Array(bytes)
    let capacity = ZSTD_compressBound(source.count)
    var written = 0
    let frame = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      written = ZSTD_compress(buffer.baseAddress, capacity, source, source.count, 19)
      count = ZSTD_isError(written) != 0 ? 0 : written
    }
    if ZSTD_isError(written) != 0 {
      throw .compressionFailed(String(cString: ZSTD_getErrorName(written)))
    }
    return frame
  }

  /// The `count` bytes of a frame, or nil when it does not hold exactly that many.
  static func decompress(_ frame: ArraySlice<UInt8>, count: Int) -> [UInt8]? {
    guard ZSTD_getFrameContentSize(Array(frame), frame.count) == UInt64(count) else { return nil }
    var written = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      written = frame.withUnsafeBytes {
        ZSTD_decompress(buffer.baseAddress, count, $0.baseAddress, $0.count)
      }
      initialized = ZSTD_isError(written) != 0 ? 0 : min(written, count)
    }
    return bytes.count == count ? bytes : nil
  }
}
