import Foundation
import Pith
import PithReports

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Where a command's words go: data to standard output, everything else to standard error.
struct Console {
  let options: OutputOptions
  /// Whether tables may be coloured.
  let isColored: Bool

  init(_ options: OutputOptions) {
    self.options = options
    isColored = Self.mayColor(STDOUT_FILENO)
  }

  /// The result: one JSON object with `--json`, otherwise what `text` makes of it.
  func show(_ report: some Report, _ text: () -> String) throws {
    try write(options.json ? report.json() : text())
  }

  /// Data for standard output.
  func write(_ text: String) throws {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    } catch {
      throw PithError.unwritable(path: "standard output", reason: "it is closed or full")
    }
  }

  /// A message that `-q` silences.
  func note(_ text: String) {
    if !options.quiet { Self.standardError(text + "\n") }
  }

  /// A message that only `-v` shows.
  func detail(_ text: String) {
    if options.verbose { Self.standardError(text + "\n") }
  }

  /// A warning, which nothing silences.
  func warn(_ texts: [String]) {
    for text in texts { Self.standardError("warning: \(text)\n") }
  }

  static func standardError(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }

  static func mayColor(_ descriptor: Int32) -> Bool {
    TextStyle.isColorAllowed(
      onTerminal: isatty(descriptor) == 1, environment: ProcessInfo.processInfo.environment)
  }
}
