/// The numbers of the archive's byte layout; `Documentation/archive.md` describes it.
enum ArchiveFormat {
  static let magic: [UInt8] = [0x89, 0x50, 0x54, 0x48]  // "\x89PTH"
  static let version = 1
  /// Payload bytes after which a new tensor section begins.
  static let sectionPayload = 64 << 20
  /// Longer runs of varints are coded as bytes: their numbers take 24 times the memory.
  static let largestVarints = 4 << 20
  /// Tensors of more elements are not coded as levels, which take 8 bytes each while coding.
  static let mostLevels = 16 << 20
  /// Matrices with more columns are seen as a single column: a column takes 9 bytes while coding.
  static let mostColumns = 4 << 20
}

/// A part of an archive, checked against its checksum.
struct ArchiveSection {
  enum Kind: UInt8 {
    case text = 1
    case tensors = 2
    case huffmanTensors = 3
    case member = 4
  }

  let kind: Kind
  let bytes: ArraySlice<UInt8>
  /// Where the section begins in the file.
  let offset: Int
  let name: String
}

extension ArchiveSection.Kind {
  var name: String {
    switch self {
    case .text: "model text"
    case .tensors, .huffmanTensors: "tensors"
    case .member: "file beside the model"
    }
  }
}
