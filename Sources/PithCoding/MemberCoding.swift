/// Codes a file of external data: the pieces that tensors refer to as tensors, the rest as bytes.
///
/// Which pieces those are follows from the model, so the archive does not store it.
enum MemberCoding {
  /// The pieces of a file of `size` bytes that tensors hold, in order and without overlap.
  static func pieces(of location: String, size: Int, _ tensors: [WalkedTensor]) -> [TensorPayload] {
    var pieces: [TensorPayload] = []
    for tensor in tensors {
      let path = (tensor.external["location"] ?? "").split(separator: "/").filter { $0 != "." }
      guard path.joined(separator: "/") == location else { continue }
      let start = Int(tensor.external["offset"] ?? "0") ?? -1
      guard start >= 0, start < size else { continue }
      let length = Int(tensor.external["length"] ?? "\(size - start)") ?? -1
      guard length >= 8, length <= size - start else { continue }
      pieces.append(
        TensorPayload(name: tensor.name, type: tensor.type, range: start..<start + length))
    }
    pieces.sort { ($0.range.lowerBound, $0.range.count) < ($1.range.lowerBound, $1.range.count) }
    var end = 0
    return pieces.filter { piece in
      guard piece.range.lowerBound >= end else { return false }
      end = piece.range.upperBound
      return true
    }
  }

  static func encode(
    _ member: ArchiveMember, _ tensors: [WalkedTensor], _ coder: EntropyCoder
  ) throws(CodingError) -> [UInt8] {
    let name = Array(member.location.utf8)
    var bytes: [UInt8] = []
    bytes.append(count: name.count)
    bytes += name
    bytes.append(count: member.bytes.count)
    bytes.append(number: xxHash64(member.bytes), bytes: 8)
    let pieces = pieces(of: member.location, size: member.bytes.count, tensors)
    var rest: [UInt8] = []
    var end = 0
    for piece in pieces {
      rest += member.bytes[end..<piece.range.lowerBound]
      end = piece.range.upperBound
    }
    rest += member.bytes[end...]
    let coded = rest.isEmpty ? [] : try ModelText.encode(rest, isWalked: false)
    bytes.append(count: coded.count)
    bytes += coded
    rest = []
    var sections = try PayloadWriter.sections(pieces, of: member.bytes, coder)
    bytes.append(count: sections.count)
    bytes.reserveCapacity(sections.reduce(bytes.count) { $0 + $1.bytes.count + 16 })
    for index in sections.indices {
      bytes.append(sections[index].kind.rawValue)
      bytes.append(count: sections[index].bytes.count)
      bytes += sections[index].bytes
      sections[index].bytes = []
    }
    return bytes
  }

  /// The file of a section, of at most `limit` bytes, and its tensors. A file that is expected is
  /// compared and not kept.
  static func decode(
    _ section: ArchiveSection, _ tensors: [WalkedTensor], limit: Int, expected: [UInt8]?
  ) throws(CodingError) -> (member: ArchiveMember, byteCount: Int, entries: [ArchiveEntry]) {
    var reader = ByteReader(section.bytes, section: section.name, origin: section.offset)
    let location = String(decoding: try reader.take(try reader.count()), as: UTF8.self)
    guard ArchiveMember.isLegal(location) else { throw .illegalMemberName(location) }
    let size = try reader.count()
    guard size <= limit else { throw .tooLarge(declared: size, limit: limit) }
    let hash = try reader.number(bytes: 8)
    let pieces = pieces(of: location, size: size, tensors)
    let restSize = size - pieces.reduce(0) { $0 + $1.range.count }
    var rest: [UInt8] = []
    let restOffset = reader.offset
    let coded = try reader.take(try reader.count())
    if restSize > 0 {
      let part = ArchiveSection(
        kind: .text, bytes: coded, offset: restOffset, name: section.name)
      rest = try ModelText.decode(part, limit: restSize).text
    }
    guard rest.count == restSize else { throw reader.damaged("its parts do not add up") }
    var payloads = PayloadReader(try sections(&reader, section.name))
    var bytes = UnpackedBytes(expected: expected)
    var taken = 0
    for piece in pieces {
      let gap = piece.range.lowerBound - bytes.count
      bytes.append(rest[taken..<taken + gap])
      taken += gap
      bytes.append(try payloads.next(piece.type, byteCount: piece.range.count))
      payloads.name(piece.name)
    }
    bytes.append(rest[taken...])
    guard payloads.isEmpty, bytes.isComplete, bytes.hash == hash else {
      throw reader.damaged("the checksum of the file does not agree")
    }
    return (
      try ArchiveMember(location: location, bytes: bytes.bytes), bytes.count, payloads.entries
    )
  }

  private static func sections(
    _ reader: inout ByteReader, _ name: String
  ) throws(CodingError) -> [ArchiveSection] {
    var sections: [ArchiveSection] = []
    let count = try reader.count()
    guard count <= reader.left else { throw reader.damaged("more parts than bytes") }
    for _ in 0..<count {
      let kind = ArchiveSection.Kind(rawValue: try reader.byte())
      guard let kind, kind == .tensors || kind == .huffmanTensors else {
        throw reader.damaged("a part of unknown kind")
      }
      let size = try reader.count()
      let offset = reader.offset
      sections.append(
        ArchiveSection(kind: kind, bytes: try reader.take(size), offset: offset, name: name))
    }
    guard reader.left == 0 else { throw reader.damaged("bytes follow its last part") }
    return sections
  }
}
