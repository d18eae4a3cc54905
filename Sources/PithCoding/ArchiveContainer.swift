/// Head, section table and checksums of an archive.
struct ArchiveContainer {
  /// Bytes of the model, and their XXH64.
  let modelBytes: Int
  let modelHash: UInt64
  let sections: [ArchiveSection]

  /// Head and sections as one file; the sections are used up on the way.
  static func assemble(
    modelBytes: Int, modelHash: UInt64,
    sections: inout [(kind: ArchiveSection.Kind, bytes: [UInt8])]
  ) -> [UInt8] {
    var file = ArchiveFormat.magic
    file.append(UInt8(ArchiveFormat.version))
    file.append(count: modelBytes)
    file.append(number: modelHash, bytes: 8)
    file.append(count: sections.count)
    for section in sections {
      file.append(section.kind.rawValue)
      file.append(count: section.bytes.count)
      file.append(number: xxHash64(section.bytes), bytes: 4)
    }
    file.append(number: xxHash64(file), bytes: 4)
    file.reserveCapacity(sections.reduce(file.count) { $0 + $1.bytes.count })
    for index in sections.indices {
      file += sections[index].bytes
      sections[index].bytes = []
    }
    return file
  }

  /// Reads the head and checks every section against its checksum.
  init(_ file: [UInt8]) throws(CodingError) {
    guard file.starts(with: ArchiveFormat.magic) else {
      if !file.isEmpty, ArchiveFormat.magic.starts(with: file) {
        throw .truncated(section: "head", offset: file.count)
      }
      throw .notAnArchive
    }
    var reader = ByteReader(file[...], section: "head", origin: 0)
    _ = try reader.take(ArchiveFormat.magic.count)
    let version = Int(try reader.byte())
    guard version == ArchiveFormat.version else { throw .unsupportedVersion(version) }
    modelBytes = try reader.count()
    modelHash = try reader.number(bytes: 8)
    let count = try reader.count()
    guard count <= reader.left / 6 else { throw reader.damaged("more sections than bytes") }
    var table: [(kind: UInt8, count: Int, hash: UInt64)] = []
    for _ in 0..<count {
      table.append((try reader.byte(), try reader.count(), try reader.number(bytes: 4)))
    }
    let head = file[..<reader.position]
    guard try reader.number(bytes: 4) == xxHash64(head) & 0xffff_ffff else {
      throw reader.damaged("the checksum of the section table does not agree")
    }
    var sections: [ArchiveSection] = []
    for (index, entry) in table.enumerated() {
      let offset = reader.position
      let name = "section \(index + 1)"
      guard let kind = ArchiveSection.Kind(rawValue: entry.kind) else {
        throw reader.damaged("\(name) has the unknown kind \(entry.kind)")
      }
      guard entry.count <= reader.left else {
        throw .truncated(section: "\(name) (\(kind.name))", offset: offset)
      }
      let bytes = try reader.take(entry.count)
      guard xxHash64(bytes) & 0xffff_ffff == entry.hash else {
        throw .damaged(
          section: "\(name) (\(kind.name))", offset: offset, reason: "its checksum does not agree")
      }
      sections.append(
        ArchiveSection(kind: kind, bytes: bytes, offset: offset, name: "\(name) (\(kind.name))"))
    }
    guard reader.left == 0 else { throw reader.damaged("bytes follow the last section") }
    self.sections = sections
  }
}
