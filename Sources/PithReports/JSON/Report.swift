public import Foundation

/// A set of results that is written as JSON, with names that never change.
///
/// Members stand in the order of their declaration; what was not measured is null, and so is a
/// number that is not finite, for which JSON has no word.
public protocol Report: Codable, Sendable, Hashable {}

extension Report {
  /// The report as JSON over several lines, with a line feed at the end.
  public func json() throws(ReportError) -> String {
    try tree().pretty
  }

  /// The report as JSON on one line, without a line feed.
  public func jsonLine() throws(ReportError) -> String {
    try tree().compact
  }

  /// Reads a report back; `source` names the file in messages.
  public init(json data: Data, source: String) throws(ReportError) {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    do {
      self = try decoder.decode(Self.self, from: data)
    } catch let error as DecodingError {
      throw .unreadable(report: source, path: error.path, reason: error.reason)
    } catch {
      throw .unreadable(report: source, path: "", reason: "\(error)")
    }
  }

  private func tree() throws(ReportError) -> JSONTree {
    do {
      return try JSONTreeEncoder.tree(of: self)
    } catch let error as EncodingError {
      guard case .invalidValue(_, let context) = error else {
        throw .unencodable(path: "", reason: "\(error)")
      }
      throw .unencodable(
        path: context.codingPath.map(\.stringValue).joined(separator: "."),
        reason: context.debugDescription)
    } catch {
      throw .unencodable(path: "", reason: "\(error)")
    }
  }
}

extension DecodingError {
  fileprivate var context: Context? {
    switch self {
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .keyNotFound(_, let context), .dataCorrupted(let context):
      context
    @unknown default: nil
    }
  }

  fileprivate var path: String {
    var keys = context?.codingPath ?? []
    if case .keyNotFound(let key, _) = self { keys.append(key) }
    return keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
  }

  fileprivate var reason: String {
    switch self {
    case .typeMismatch(let type, _): "expected \(type)"
    case .valueNotFound(let type, _): "expected \(type), found null"
    case .keyNotFound: "missing"
    default: context?.debugDescription ?? "damaged"
    }
  }
}
