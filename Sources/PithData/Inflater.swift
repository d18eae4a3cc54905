import CZlib

/// Expands a deflate stream (RFC 1951) held in memory, piece by piece, into memory of known size.
final class Inflater {
  enum Wrapper: Int32 {
    case raw = -15
    case gzip = 31
  }

  private let stream: UnsafeMutablePointer<z_stream>
  private let input: [UInt8]
  private let file: String
  /// Bytes expanded so far.
  private(set) var offset = 0
  private var ended = false

  init(_ input: [UInt8], _ wrapper: Wrapper, file: String) throws(DataError) {
    self.input = input
    self.file = file
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let status = inflateInit2_(
      stream, wrapper.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw .unreadable(file: file, reason: "zlib does not start") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  private var consumed = 0

  /// Fills `memory` with the next expanded bytes.
  func read(into memory: UnsafeMutableRawBufferPointer) throws(DataError) {
    let done = try expand(into: memory)
    guard done == memory.count else {
      throw .truncated(file: file, offset: offset - done, expected: memory.count, found: done)
    }
  }

  /// Checks that nothing follows what was read.
  func finish() throws(DataError) {
    var extra: UInt8 = 0
    let end = offset
    var failure: DataError?
    let count = withUnsafeMutableBytes(of: &extra) { memory -> Int in
      do throws(DataError) { return try expand(into: memory) } catch { failure = error }
      return 0
    }
    if let failure { throw failure }
    guard count == 0 else { throw .trailing(file: file, offset: end) }
    guard ended else {
      throw .truncated(file: file, offset: end, expected: 1, found: 0)
    }
  }

  /// Expands up to `memory.count` bytes and returns how many there were.
  private func expand(into memory: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    var done = 0
    var status = Z_OK
    while done < memory.count && !ended {
      let taken: Int = input.withUnsafeBufferPointer { bytes in
        // zlib counts in 32 bits and never writes through next_in.
        let available = min(bytes.count - consumed, 1 << 30)
        stream.pointee.next_in = bytes.baseAddress.map { .init(mutating: $0 + consumed) }
        stream.pointee.avail_in = UInt32(available)
        let room = min(memory.count - done, 1 << 30)
        stream.pointee.next_out = memory.baseAddress?.assumingMemoryBound(to: UInt8.self) + done
        stream.pointee.avail_out = UInt32(room)
        status = inflate(stream, Z_NO_FLUSH)
        done += room - Int(stream.pointee.avail_out)
        return available - Int(stream.pointee.avail_in)
      }
      consumed += taken
      if status == Z_STREAM_END { ended = true }
      if status == Z_BUF_ERROR || (taken == 0 && consumed == input.count) { break }
      guard status == Z_OK || status == Z_STREAM_END else {
        throw .malformed(
          file: file, offset: offset + done, reason: "the compressed data are damaged")
      }
    }
    offset += done
    return done
  }
}

private func + (pointer: UnsafeMutablePointer<UInt8>?, offset: Int) -> UnsafeMutablePointer<UInt8>?
{
  pointer.map { $0.advanced(by: offset) }
}

/// Refuses an expansion no honest file has: beyond what deflate can reach (1,032 to 1), or, where
/// it is large, beyond 100 to 1.
func checkExpansion(of compressed: Int, to expanded: Int, file: String) throws(DataError) {
  let ratio = expanded <= 64 << 20 ? 1_032 : 100
  let (product, overflow) = compressed.multipliedReportingOverflow(by: ratio)
  let limit = overflow ? Int.max : max(product, 1 << 16)
  guard expanded <= limit else { throw .tooLarge(file: file, bytes: expanded, limit: limit) }
}
