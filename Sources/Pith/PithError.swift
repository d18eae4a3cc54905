/// What goes wrong around a job rather than inside one of its parts. Says where, what, and what to
/// do.
public enum PithError: Error, Sendable, Hashable {
  /// A file that was asked for is not there.
  case missing(path: String)
  case unreadable(path: String, reason: String)
  /// A fault of a model, with the file it came from.
  case model(path: String, reason: String)
  /// A fault of data or of arrays, with where they came from.
  case data(source: String, reason: String)
  case unwritable(path: String, reason: String)
  /// A result is there already.
  case exists(path: String)
  /// An option cannot be used, or not with the others.
  case option(String, reason: String)
  /// Stopped on request with everything saved; `advice` is how to go on.
  case stopped(advice: String)
  /// Interrupted with nothing to resume.
  case interrupted
  /// A fault of Pith itself.
  case fault(String)
}

extension PithError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missing(let path): "\(path): no such file; check the path"
    case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
    case .model(let path, let reason): "\(path): \(reason)"
    case .data(let source, let reason): "\(source): \(reason)"
    case .unwritable(let path, let reason): "\(path): cannot be written: \(reason)"
    case .exists(let path):
      "\(path) is there already; choose another name, or replace it with --force"
    case .option(let name, let reason): "\(name): \(reason)"
    case .stopped(let advice): "stopped, everything is saved; go on with: \(advice)"
    case .interrupted: "interrupted"
    case .fault(let what): "fault in Pith: \(what); please report it"
    }
  }
}
