public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads and writes files as wholes.
public enum WholeFile {
  /// The bytes of a plain file.
  public static func read(_ url: URL) throws(PithError) -> [UInt8] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw .missing(path: url.path)
    }
    let kind =
      try? FileManager.default.attributesOfItem(
        atPath: url.resolvingSymlinksInPath().path)[.type] as? FileAttributeType
    guard kind == .typeRegular else {
      throw .unreadable(path: url.path, reason: "it is no plain file")
    }
    do { return Array(try Data(contentsOf: url)) } catch {
      throw .unreadable(path: url.path, reason: reason(error))
    }
  }

  /// Whether a file can be read and its first bytes are the given ones.
  static func begins(_ url: URL, with bytes: [UInt8]) -> Bool {
    guard let status = try? url.resourceValues(forKeys: [.isRegularFileKey]),
      status.isRegularFile == true, let handle = try? FileHandle(forReadingFrom: url)
    else { return false }
    defer { try? handle.close() }
    return (try? handle.read(upToCount: bytes.count)).map(Array.init) == bytes
  }

  /// Bytes that are handed to the system at once, and copied for it.
  private static let pieceBytes = 16 << 20

  /// Writes a file that appears whole or not at all: beside its place first, flushed to the disk,
  /// then renamed. What lay there before is untouched until then.
  public static func write(_ bytes: some Collection<UInt8>, to url: URL) throws(PithError) {
    let partial = url.deletingLastPathComponent().appendingPathComponent(
      ".\(url.lastPathComponent).\(getpid()).part")
    do {
      let descriptor = open(partial.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw SystemFault() }
      defer { close(descriptor) }
      let handle = FileHandle(fileDescriptor: descriptor)
      var rest = bytes[...]
      while !rest.isEmpty {
        let piece = rest.prefix(pieceBytes)
        try handle.write(contentsOf: Data(piece))
        rest = rest.dropFirst(piece.count)
      }
      guard fsync(descriptor) == 0, rename(partial.path, url.path) == 0 else { throw SystemFault() }
    } catch {
      unlink(partial.path)
      throw .unwritable(path: url.path, reason: reason(error))
    }
  }

  public static func write(_ text: String, to url: URL) throws(PithError) {
    try write(Array(text.utf8), to: url)
  }

  /// Refuses a place that is taken, unless it may be replaced.
  public static func checkFree(_ url: URL, force: Bool) throws(PithError) {
    if !force, FileManager.default.fileExists(atPath: url.path) { throw .exists(path: url.path) }
    let folder = url.deletingLastPathComponent().path
    guard FileManager.default.fileExists(atPath: folder) else {
      throw .unwritable(path: url.path, reason: "there is no folder \(folder)")
    }
  }

  /// Makes a folder and those above it.
  public static func makeFolder(_ url: URL) throws(PithError) {
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw .unwritable(path: url.path, reason: reason(error))
    }
  }

  private static func reason(_ error: any Error) -> String {
    if let fault = error as? SystemFault { return fault.text }
    let error = error as NSError
    let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
    return cause.domain == NSPOSIXErrorDomain
      ? String(cString: strerror(Int32(cause.code))) : error.localizedDescription
  }

  /// What the system said last.
  private struct SystemFault: Error {
    let text = String(cString: strerror(errno))
  }
}
