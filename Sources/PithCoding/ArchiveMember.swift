/// A file beside a model that holds the elements of some of its tensors (external data).
public struct ArchiveMember: Sendable, Hashable {
  /// The file's path relative to the model's folder, with `/` between its parts.
  public let location: String
  public let bytes: [UInt8]

  /// Throws `CodingError.illegalMemberName` unless the location stays inside the model's folder.
  public init(location: String, bytes: [UInt8]) throws(CodingError) {
    guard ArchiveMember.isLegal(location) else { throw .illegalMemberName(location) }
    self.location = location
    self.bytes = bytes
  }

  /// Whether a location is relative, stays below its folder, and is a plain name everywhere.
  public static func isLegal(_ location: String) -> Bool {
    guard !location.isEmpty, location.utf8.count <= 1024 else { return false }
    let forbidden = location.unicodeScalars.contains {
      $0.value < 32 || $0.value == 127 || $0 == "\\" || $0 == ":"
    }
    if forbidden { return false }
    return location.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
      !$0.isEmpty && $0 != "." && $0 != ".."
    }
  }
}
