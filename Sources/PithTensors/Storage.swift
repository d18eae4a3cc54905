/// The bytes behind a tensor: 64-byte aligned memory that is freed with its last owner.
///
/// Unchecked because the pointer is shared: `Tensor` writes only while it is the sole owner, so
/// no two threads ever see a write.
final class Storage: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
  let byteCount: Int
  private let release: (@Sendable () -> Void)?

  /// Uninitialised memory.
  init(byteCount: Int) {
    self.byteCount = byteCount
    pointer = .allocate(byteCount: max(byteCount, 1), alignment: 64)
    release = nil
  }

  /// Memory that belongs to somebody else, read-only (a mapped file); `release` gives it back.
  init(borrowing pointer: UnsafeRawPointer, byteCount: Int, release: @escaping @Sendable () -> Void)
  {
    self.byteCount = byteCount
    self.pointer = UnsafeMutableRawPointer(mutating: pointer)
    self.release = release
  }

  var isBorrowed: Bool { release != nil }

  deinit {
    if let release { release() } else { pointer.deallocate() }
  }

  func copy() -> Storage {
    let result = Storage(byteCount: byteCount)
    result.pointer.copyMemory(from: pointer, byteCount: byteCount)
    return result
  }
}
