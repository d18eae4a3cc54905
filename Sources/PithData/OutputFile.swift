import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that appears whole or not at all: written beside its place, then renamed.
struct OutputFile: ~Copyable {
  private let path: String
  private let partial: String
  private let descriptor: Int32
  private(set) var offset = 0
  private var isFinished = false

  init(_ url: URL) throws(DataError) {
    path = url.path
    partial = path + ".partial"
    descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
    if descriptor < 0 { throw Self.fault(path) }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    if !isFinished { unlink(partial) }
  }

  mutating func write(_ bytes: [UInt8]) throws(DataError) {
    let failure: DataError? = bytes.withUnsafeBytes { memory in
      do throws(DataError) { try write(memory) } catch { return error }
      return nil
    }
    if let failure { throw failure }
  }

  mutating func write(_ memory: UnsafeRawBufferPointer) throws(DataError) {
    var done = 0
    while done < memory.count {
      let rest = UnsafeRawBufferPointer(rebasing: memory[done...])
      #if canImport(Glibc)
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
      #elseif canImport(Musl)
        let count = Musl.write(descriptor, rest.baseAddress, rest.count)
      #else
        let count = Darwin.write(descriptor, rest.baseAddress, rest.count)
      #endif
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw Self.fault(path) }
      done += count
    }
    offset += memory.count
  }

  /// Brings the bytes to disk and the file to its name.
  mutating func finish() throws(DataError) {
    guard fsync(descriptor) == 0, rename(partial, path) == 0 else { throw Self.fault(path) }
    isFinished = true
  }

  private static func fault(_ path: String) -> DataError {
    .unwritable(file: path, reason: String(cString: strerror(errno)))
  }
}
