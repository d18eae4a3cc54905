/// Takes the payloads of tensors from the archive's tensor sections, one after the other.
struct PayloadReader {
  private enum Stream {
    case none
    case arithmetic(TensorStreamReader)
    case huffman(HuffmanStreamReader)
  }

  private var sections: ArraySlice<ArchiveSection>
  private var stream = Stream.none
  private var left = 0
  private(set) var entries: [ArchiveEntry] = []
  private var firstUnnamed = 0

  init(_ sections: [ArchiveSection]) { self.sections = sections[...] }

  var isEmpty: Bool { left == 0 && sections.isEmpty }

  mutating func next(_ type: TensorType, byteCount: Int) throws(CodingError) -> [UInt8] {
    if left == 0 { try open() }
    left -= 1
    let payload: [UInt8]
    let coding: TensorCoding
    var codedBytes = 0
    switch stream {
    case .arithmetic(var reader):
      (payload, coding) = try reader.next(type, byteCount: byteCount)
      codedBytes = reader.takeConsumed()
      stream = .arithmetic(reader)
    case .huffman(var reader):
      (payload, coding, codedBytes) = try reader.next(type, byteCount)
      stream = .huffman(reader)
    case .none: throw .damaged(section: "tensors", offset: 0, reason: "a tensor is missing")
    }
    guard payload.count == byteCount else {
      throw .damaged(section: "tensors", offset: 0, reason: "a tensor of the wrong length")
    }
    entries.append(ArchiveEntry(type, byteCount, codedBytes, coding))
    return payload
  }

  /// Names the payloads that came since the last call.
  mutating func name(_ name: String) {
    for index in firstUnnamed..<entries.count { entries[index].name = name }
    firstUnnamed = entries.count
  }

  private mutating func open() throws(CodingError) {
    guard let section = sections.popFirst() else {
      throw .damaged(section: "tensors", offset: 0, reason: "a tensor is missing")
    }
    var reader = ByteReader(section.bytes, section: section.name, origin: section.offset)
    left = try reader.count()
    guard left > 0 else { throw reader.damaged("a section without tensors") }
    let rest = section.bytes[reader.position...]
    switch section.kind {
    case .huffmanTensors:
      stream = .huffman(HuffmanStreamReader(rest, section: section.name, offset: reader.offset))
    default:
      stream = .arithmetic(
        try TensorStreamReader(rest, section: section.name, offset: reader.offset))
    }
  }
}
