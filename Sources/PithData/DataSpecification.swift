public import Foundation

/// `FORMAT:PATH`, as `--data` and recipes name data.
public struct DataSpecification: Sendable, Hashable, CustomStringConvertible {
  /// A name of `dataFormats`.
  public let format: String
  public let path: String

  /// Throws when there is no colon, no path, or no such format (naming the nearest).
  public init(_ text: String) throws(DataError) {
    let names = dataFormats.map { $0.name }
    guard let colon = text.firstIndex(of: ":") else {
      throw .specification(text, reason: "write FORMAT:PATH, as in \(names[0]):FOLDER")
    }
    format = String(text[..<colon])
    path = String(text[text.index(after: colon)...])
    guard names.contains(format) else {
      let hint = nearest(format, in: names).map { "; did you mean '\($0)'?" } ?? ""
      throw .specification(
        text,
        reason: "unknown format '\(format)' (there are \(names.joined(separator: ", ")))\(hint)")
    }
    guard !path.isEmpty else { throw .specification(text, reason: "a path must follow the colon") }
    guard !path.utf8.contains(0) else {
      throw .specification(text, reason: "the path holds a NUL character")
    }
  }

  public var description: String { "\(format):\(path)" }

  /// Reads the data; relative paths start at `folder` (nil: where the process runs).
  public func open(_ options: OpenOptions = OpenOptions(), relativeTo folder: URL? = nil)
    throws(DataError) -> Dataset
  {
    guard let type = dataFormats.first(where: { $0.name == format }) else {
      throw .specification(description, reason: "unknown format '\(format)'")
    }
    return try type.open(URL(fileURLWithPath: path, relativeTo: folder), options)
  }
}

/// The word of `candidates` that differs least from `word`, if any is near (edit distance up to a
/// third of its length, at least two, so that two letters may have changed places).
func nearest(_ word: String, in candidates: [String]) -> String? {
  let limit = max(2, word.count / 3)
  let scored = candidates.map { ($0, editDistance(word, $0)) }
  return scored.filter { $0.1 <= limit }.min { $0.1 < $1.1 }?.0
}

/// Levenshtein's distance.
private func editDistance(_ left: String, _ right: String) -> Int {
  let right = Array(right)
  var row = Array(0...right.count)
  for (i, a) in left.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, b) in right.enumerated() {
      let substituted = diagonal + (a == b ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substituted, diagonal + 1, row[j] + 1)
    }
  }
  return row[right.count]
}
