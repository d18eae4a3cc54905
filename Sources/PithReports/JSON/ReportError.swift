/// What can go wrong when a report is written or read.
public enum ReportError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A value offered an encoding that has no place in a report, at a path such as `steps.0.method`.
  case unencodable(path: String, reason: String)
  /// The bytes are not JSON, or not the report that was asked for.
  case unreadable(report: String, path: String, reason: String)

  public var description: String {
    switch self {
    case .unencodable(let path, let reason):
      "report: '\(path)' cannot be written as JSON: \(reason)"
    case .unreadable(let report, let path, let reason):
      path.isEmpty
        ? "\(report): not a report that can be read: \(reason)"
        : "\(report): at '\(path)': \(reason)"
    }
  }
}
