import Foundation
import PithReports

/// The log of a run: one JSON object a line, added to and never rewritten.
struct RunLog: Sendable {
  let file: URL

  func write(_ event: String, _ text: String? = nil, step: String? = nil) {
    let time = Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    let entry = Entry(time: time, event: event, step: step, text: text)
    guard let line = try? entry.jsonLine() else { return }
    if !FileManager.default.fileExists(atPath: file.path) {
      _ = FileManager.default.createFile(atPath: file.path, contents: nil)
    }
    guard let handle = try? FileHandle(forWritingTo: file) else { return }
    defer { try? handle.close() }
    _ = try? handle.seekToEnd()
    try? handle.write(contentsOf: Data((line + "\n").utf8))
  }

  private struct Entry: Report {
    var time: String
    var event: String
    var step: String?
    var text: String?
  }
}
