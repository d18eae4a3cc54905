/// The numbers of the archive's byte layout; `Documentation/archive.md` describes it.
enum ArchiveFormat {
  static let magic: [UInt8] = [0x89, 0x50, 0x54, 0x48]  // "\x89PTH"
  static let version = 1
  /// Payload bytes after which a new tensor section begins.
  static let sectionPayload = 64 << 20
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
