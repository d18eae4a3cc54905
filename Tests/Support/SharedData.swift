public import Foundation

/// A file or folder of the shared data that optional tests use: below `$PITH_DATA`, or below
/// `../shared/data` beside the package. Nil when it is not there.
public func sharedData(_ path: String) -> URL? {
  let environment = ProcessInfo.processInfo.environment["PITH_DATA"]
  let package = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  let folder =
    environment.map { URL(fileURLWithPath: $0, isDirectory: true) }
    ?? package.deletingLastPathComponent().appendingPathComponent("shared/data")
  let url = folder.appendingPathComponent(path)
  return FileManager.default.fileExists(atPath: url.path) ? url : nil
}
