import ArgumentParser
import Dispatch
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

/// How progress is shown on standard error.
enum ProgressStyle: String, ExpressibleByArgument, CaseIterable {
  case auto, bar, plain, jsonl, none

  /// A bar for terminals, plain lines for anything else.
  var resolved: ProgressStyle {
    guard self == .auto else { return self }
    let isTerminal = isatty(STDERR_FILENO) == 1
    return isTerminal && ProcessInfo.processInfo.environment["TERM"] != "dumb" ? .bar : .plain
  }
}

/// Options of commands that take their time.
struct ProgressOptions: ParsableArguments {
  @Option(
    name: .customLong("progress"),
    help: "How progress is shown: auto, bar, plain, jsonl (for programs) or none.")
  var style = ProgressStyle.auto
}

/// Writes progress to standard error, no more often than anyone can read.
///
/// Unchecked because the lock guards all that changes.
final class ProgressPrinter: @unchecked Sendable {
  private let style: ProgressStyle
  private let isQuiet: Bool
  private let isColored = Console.mayColor(STDERR_FILENO)
  private let lock = NSLock()
  private var last: UInt64 = 0
  private var lastTask = ""
  private var hasBar = false

  init(_ style: ProgressStyle, quiet: Bool) {
    self.style = quiet && style == .auto ? .none : style.resolved
    isQuiet = quiet
  }

  var observer: JobObserver {
    JobObserver(progress: { self.show($0) }, note: { self.note($0) })
  }

  /// Nanoseconds between two lines.
  private var interval: UInt64 {
    switch style {
    case .bar: 100_000_000
    case .plain: 10_000_000_000
    default: 500_000_000
    }
  }

  private func show(_ line: ProgressLine) {
    lock.withLock {
      let now = DispatchTime.now().uptimeNanoseconds
      // Plain lines start when the first interval is over: short jobs need none.
      if line.task != lastTask {
        lastTask = line.task
        last = style == .plain ? now : 0
      }
      guard now - last >= interval else { return }
      last = now
      switch style {
      case .bar:
        let text = line.terminal(columns: columns - 1, color: isColored)
        Console.standardError("\r\u{1b}[2K\(text)")
        hasBar = true
      case .plain: Console.standardError(line.plain + "\n")
      case .jsonl: if let json = try? line.json() { Console.standardError(json + "\n") }
      case .auto, .none: break
      }
    }
  }

  private func note(_ text: String) {
    lock.withLock {
      clear()
      if !isQuiet, style != .jsonl { Console.standardError(text + "\n") }
    }
  }

  /// Takes the bar away.
  func finish() { lock.withLock { clear() } }

  private func clear() {
    if hasBar { Console.standardError("\r\u{1b}[2K") }
    hasBar = false
  }

  private var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}
