/// Codes the payloads of tensors into the sections of an archive.
enum PayloadWriter {
  /// The tensor sections of some pieces of `bytes`; none when there are no pieces.
  static func sections(
    _ payloads: [TensorPayload], of bytes: [UInt8], _ coder: EntropyCoder
  ) throws(CodingError) -> [(kind: ArchiveSection.Kind, bytes: [UInt8])] {
    var sections: [(kind: ArchiveSection.Kind, bytes: [UInt8])] = []
    var next = 0
    while next < payloads.count {
      var last = next
      var size = 0
      while last < payloads.count && size < ArchiveFormat.sectionPayload {
        size += payloads[last].range.count
        last += 1
      }
      sections.append(try section(payloads[next..<last], of: bytes, coder))
      next = last
    }
    return sections
  }

  private static func section(
    _ payloads: ArraySlice<TensorPayload>, of bytes: [UInt8], _ coder: EntropyCoder
  ) throws(CodingError) -> (kind: ArchiveSection.Kind, bytes: [UInt8]) {
    var section: [UInt8] = []
    section.append(count: payloads.count)
    switch coder {
    case .arithmetic:
      var writer = try TensorStreamWriter()
      for payload in payloads { try writer.append(bytes[payload.range], payload.type) }
      return (.tensors, section + (try writer.finish()))
    case .huffman:
      var writer = HuffmanStreamWriter()
      for payload in payloads { try writer.append(bytes[payload.range], payload.type) }
      return (.huffmanTensors, section + writer.bytes)
    }
  }
}
