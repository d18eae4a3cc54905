#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The bytes of a file, read-only, released with the last tensor that lies in them.
///
/// Small files are read, so that nothing that happens to the file later matters; large ones are
/// mapped, so that only what is used takes memory.
///
/// Unchecked because the pointer is shared; nobody writes through it.
final class FileBytes: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer
  private let isMapped: Bool

  static let mappingThreshold = 64 << 20

  init(copying source: UnsafeRawBufferPointer) {
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(source.count, 1), alignment: 64)
    if !source.isEmpty { memory.copyMemory(from: source) }
    bytes = UnsafeRawBufferPointer(rebasing: memory[..<source.count])
    isMapped = false
  }

  /// The file behind a descriptor, which stays the caller's to close.
  init(descriptor: Int32, byteCount: Int) throws(SystemError) {
    if byteCount > Self.mappingThreshold {
      guard let address = mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0),
        address != MAP_FAILED
      else { throw SystemError() }
      bytes = UnsafeRawBufferPointer(start: address, count: byteCount)
      isMapped = true
      return
    }
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(byteCount, 1), alignment: 64)
    var filled = 0
    while filled < byteCount {
      let count = read(descriptor, memory.baseAddress! + filled, byteCount - filled)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let error = count == 0 ? SystemError("it became shorter while it was read") : SystemError()
        memory.deallocate()
        throw error
      }
      filled += count
    }
    bytes = UnsafeRawBufferPointer(rebasing: memory[..<byteCount])
    isMapped = false
  }

  /// The ordinary file at a path. A pipe or a device is refused without being waited for.
  convenience init(path: String) throws(ONNXError) {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { throw .missingFile(path: path) }
      throw .unreadable(path: path, reason: SystemError().description)
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .unreadable(path: path, reason: SystemError().description)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(path: path, reason: "it is no ordinary file")
    }
    do {
      try self.init(descriptor: descriptor, byteCount: Int(status.st_size))
    } catch {
      throw .unreadable(path: path, reason: error.description)
    }
  }

  deinit {
    if isMapped {
      munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    } else {
      bytes.deallocate()
    }
  }
}

/// What the system said about a call that failed.
struct SystemError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  /// The error of the call just made.
  init() { description = String(cString: strerror(errno)) }
}
