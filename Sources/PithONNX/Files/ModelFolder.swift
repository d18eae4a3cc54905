#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The folder a model lies in, and the only place its external data may come from.
///
/// Each part of a location is opened relative to the one before without following links, so
/// nothing outside the folder is ever opened; only ordinary files with a single name are read.
final class ModelFolder {
  private let path: String
  private var files: [String: FileBytes] = [:]

  init(path: String) { self.path = path.isEmpty ? "." : path }

  /// The file at a location relative to the folder, and its bytes.
  func file(at location: String) throws(SystemError) -> FileBytes {
    let parts = try Self.parts(of: location)
    let key = parts.joined(separator: "/")
    if let file = files[key] { return file }
    let file = try open(parts)
    files[key] = file
    return file
  }

  private static func parts(of location: String) throws(SystemError) -> [String] {
    guard !location.isEmpty else { throw SystemError("the location is empty") }
    guard !location.utf8.contains(0) else { throw SystemError("the location contains a NUL") }
    guard !location.hasPrefix("/") else {
      throw SystemError("'\(location)' is an absolute path; it must lie in the model's folder")
    }
    let parts = location.split(separator: "/").map(String.init).filter { $0 != "." }
    guard !parts.contains("..") else {
      throw SystemError("'\(location)' leads out of the model's folder")
    }
    guard !parts.isEmpty, parts.count <= 64 else {
      throw SystemError("'\(location)' names no file")
    }
    return parts
  }

  private func open(_ parts: [String]) throws(SystemError) -> FileBytes {
    var folder = Self.open(path, in: AT_FDCWD, O_DIRECTORY)
    guard folder >= 0 else { throw SystemError("\(path): \(SystemError())") }
    defer { close(folder) }
    for part in parts.dropLast() {
      let next = Self.open(part, in: folder, O_DIRECTORY | O_NOFOLLOW)
      guard next >= 0 else { throw Self.refusal(part, in: folder) }
      close(folder)
      folder = next
    }
    let name = parts[parts.count - 1]
    var status = stat()
    guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      throw SystemError("'\(name)': \(SystemError())")
    }
    try Self.check(name, status)
    let descriptor = Self.open(name, in: folder, O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.refusal(name, in: folder) }
    defer { close(descriptor) }
    guard fstat(descriptor, &status) == 0 else { throw SystemError() }
    try Self.check(name, status)
    return try FileBytes(descriptor: descriptor, byteCount: Int(status.st_size))
  }

  private static func open(_ name: String, in folder: Int32, _ flags: Int32) -> Int32 {
    openat(folder, name, O_RDONLY | O_CLOEXEC | flags)
  }

  private static func check(_ name: String, _ status: stat) throws(SystemError) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFLNK: throw SystemError("'\(name)' is a symbolic link")
    case S_IFDIR: throw SystemError("'\(name)' is a folder")
    default: throw SystemError("'\(name)' is no ordinary file")
    }
    guard status.st_nlink == 1 else {
      throw SystemError("'\(name)' is a hard link: the file has \(status.st_nlink) names")
    }
  }

  /// Why a part of a location could not be opened.
  private static func refusal(_ name: String, in folder: Int32) -> SystemError {
    let error = SystemError()
    var status = stat()
    if fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0,
      status.st_mode & S_IFMT == S_IFLNK
    {
      return SystemError("'\(name)' is a symbolic link")
    }
    return SystemError("'\(name)': \(error)")
  }
}
