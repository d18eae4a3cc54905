/// What can be wrong with bytes that are packed or unpacked.
public enum CodingError: Error, Sendable, Hashable {
  /// The bytes do not begin with the archive's magic number.
  case notAnArchive
  /// The archive was written by a newer format.
  case unsupportedVersion(Int)
  /// The bytes end inside a section.
  case truncated(section: String, offset: Int)
  /// A section contradicts its checksum or itself.
  case damaged(section: String, offset: Int, reason: String)
  /// The archive declares more than may be unpacked.
  case tooLarge(declared: Int, limit: Int)
  /// A file beside the model has a name that could lead out of its folder.
  case illegalMemberName(String)
  /// Two files beside the model have the same name.
  case duplicateMember(String)
  /// The library for dense text compression failed.
  case compressionFailed(String)
  /// There is not enough memory for the coder's tables.
  case outOfMemory
}

extension CodingError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notAnArchive:
      "not a .pith archive: the first bytes are not its magic number"
    case .unsupportedVersion(let version):
      "the archive has format version \(version); this program reads version"
        + " \(ArchiveFormat.version): use a newer program"
    case .truncated(let section, let offset):
      "the archive ends early: \(section) at byte \(offset) is incomplete; copy the file again"
    case .damaged(let section, let offset, let reason):
      "the archive is damaged: \(section) at byte \(offset): \(reason); copy the file again"
    case .tooLarge(let declared, let limit):
      "the archive declares \(declared) bytes, more than the limit of \(limit);"
        + " raise the limit if you trust the file"
    case .illegalMemberName(let name):
      "the file name '\(name.unicodeScalars.map { $0.escaped(asASCII: true) }.joined())' is not"
        + " allowed: names must be relative and must not contain '..'"
    case .duplicateMember(let name):
      "the file name '\(name.unicodeScalars.map { $0.escaped(asASCII: true) }.joined())' occurs"
        + " twice"
    case .compressionFailed(let reason): "compression failed: \(reason)"
    case .outOfMemory: "not enough memory for the coder's tables"
    }
  }
}
