import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A plain file open for reading. Folders, pipes and devices are refused, so that no read waits.
struct RegularFile: ~Copyable {
  let path: String
  let size: Int
  private let descriptor: Int32

  init(_ url: URL, advice: String = "check the path") throws(DataError) {
    path = url.path
    descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      size = 0
      if errno == ENOENT || errno == ENOTDIR { throw .missing(file: path, advice: advice) }
      throw .unreadable(file: path, reason: String(cString: strerror(errno)))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      size = 0
      close(descriptor)
      throw .unreadable(file: path, reason: "it is not a plain file")
    }
    size = Int(status.st_size)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Fills `memory` from `offset` on.
  func read(into memory: UnsafeMutableRawBufferPointer, at offset: Int) throws(DataError) {
    var done = 0
    while done < memory.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: memory[done...])
      let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else {
        throw .unreadable(file: path, reason: String(cString: strerror(errno)))
      }
      guard count > 0 else {
        throw .truncated(file: path, offset: offset, expected: memory.count, found: done)
      }
      done += count
    }
  }

  /// `count` bytes from `offset` on.
  func bytes(at offset: Int, count: Int) throws(DataError) -> [UInt8] {
    let available = max(0, size - offset)
    guard count <= available else {
      throw .truncated(file: path, offset: offset, expected: count, found: available)
    }
    var bytes = [UInt8](repeating: 0, count: count)
    let failure: DataError? = bytes.withUnsafeMutableBytes { memory in
      do throws(DataError) { try read(into: memory, at: offset) } catch { return error }
      return nil
    }
    if let failure { throw failure }
    return bytes
  }

  /// The whole file.
  func bytes() throws(DataError) -> [UInt8] { try bytes(at: 0, count: size) }
}

/// Whether something readable lies at `url`, and whether it is a folder.
func exists(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }

func isFolder(_ url: URL) -> Bool {
  var folder: ObjCBool = false
  return FileManager.default.fileExists(atPath: url.path, isDirectory: &folder) && folder.boolValue
}
