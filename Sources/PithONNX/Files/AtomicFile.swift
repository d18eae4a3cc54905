#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that appears whole or not at all: written under another name in the same folder, flushed
/// to the disk, then renamed. Until `commit` returns, whatever had the name before is untouched.
struct AtomicFile: ~Copyable {
  let path: String
  private let temporary: String
  private var descriptor: Int32
  private var buffer: [UInt8] = []

  private static let bufferSize = 1 << 18

  init(path: String) throws(ONNXError) {
    self.path = path
    let (folder, name) = Self.split(path)
    temporary = "\(folder)/.\(name).\(getpid()).\(UInt32.random(in: .min ... .max)).part"
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw .unwritable(path: path, reason: SystemError().description)
    }
    buffer.reserveCapacity(Self.bufferSize)
  }

  mutating func write(_ bytes: UnsafeRawBufferPointer) throws(ONNXError) {
    if buffer.count + bytes.count <= Self.bufferSize {
      buffer.append(contentsOf: bytes)
      return
    }
    try flush()
    if bytes.count <= Self.bufferSize {
      buffer.append(contentsOf: bytes)
    } else {
      try writeThrough(bytes)
    }
  }

  /// Everything is on the disk after this, under the temporary name.
  mutating func finish() throws(ONNXError) {
    try flush()
    guard fsync(descriptor) == 0 else { throw failure() }
  }

  /// Gives the finished file its name.
  consuming func commit() throws(ONNXError) {
    guard rename(temporary, path) == 0 else { throw failure() }
    close(descriptor)
    descriptor = -1
    let folder = open(Self.split(path).folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(temporary)
  }

  private func failure() -> ONNXError {
    .unwritable(path: path, reason: SystemError().description)
  }

  private mutating func flush() throws(ONNXError) {
    try buffer.withUnsafeBufferPointer { (bytes) throws(ONNXError) in
      try writeThrough(UnsafeRawBufferPointer(bytes))
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private func writeThrough(_ bytes: UnsafeRawBufferPointer) throws(ONNXError) {
    let signals = FileSizeSignal()
    defer { signals.restore() }
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
      let count = systemWrite(descriptor, part.baseAddress, part.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure() }
      rest = rest.dropFirst(count)
    }
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
    let folder = String(path[..<slash])
    return (folder.isEmpty ? "/" : folder, String(path[path.index(after: slash)...]))
  }
}

/// The system's `write`, which a method hides.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}

/// Holds back the signal that a process gets for writing past its file-size limit, so that the
/// write fails with an error instead.
private struct FileSizeSignal {
  private var before = sigset_t()
  private var blocked = sigset_t()

  init() {
    sigemptyset(&blocked)
    sigaddset(&blocked, SIGXFSZ)
    pthread_sigmask(SIG_BLOCK, &blocked, &before)
  }

  func restore() {
    let code = errno
    var blocked = self.blocked
    var before = self.before
    #if !canImport(Darwin)
      var now = timespec()
      while sigtimedwait(&blocked, nil, &now) > 0 {}
    #endif
    pthread_sigmask(SIG_SETMASK, &before, nil)
    errno = code
  }
}
