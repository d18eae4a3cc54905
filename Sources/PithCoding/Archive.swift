/// A whole model in one small file, `.pith`: decodes bit-exactly to the ONNX file it was made from.
///
/// The model's protobuf bytes are parted into the payloads of its tensors and the text around
/// them. Payloads are coded by `EntropyCoder`, each tensor in the way that takes the fewest bytes;
/// the text by context mixing. Bytes that are no well-formed ONNX model are packed too, as text.
/// `Documentation/archive.md` describes the layout.
public struct Archive: Sendable {
  /// The bytes of the ONNX file.
  public let onnx: [UInt8]
  /// The files beside it that hold external data.
  public let members: [ArchiveMember]
  /// What each part takes.
  public let report: ArchiveReport

  /// The archive of an ONNX file and the files of external data it refers to.
  public static func pack(
    onnx: [UInt8], members: [ArchiveMember] = [], coder: EntropyCoder = .arithmetic
  ) throws(CodingError) -> [UInt8] {
    var walker = ModelWalker(tape: PackingTape(onnx))
    var text = onnx
    var payloads: [TensorPayload] = []
    var tensors: [WalkedTensor] = []
    let isWalked = (try? walker.walk()) != nil
    if isWalked {
      text = walker.tape.text
      payloads = walker.tape.payloads
      tensors = walker.tape.external
    }
    var sections: [(kind: ArchiveSection.Kind, bytes: [UInt8])] = [
      (.text, try ModelText.encode(text, isWalked: isWalked))
    ]
    sections += try PayloadWriter.sections(payloads, of: onnx, coder)
    var locations: Set<String> = []
    for member in members {
      guard locations.insert(member.location).inserted else {
        throw .duplicateMember(member.location)
      }
      sections.append((.member, try MemberCoding.encode(member, tensors, coder)))
    }
    return ArchiveContainer.assemble(
      modelBytes: onnx.count, modelHash: xxHash64(onnx), sections: &sections)
  }

  /// The most that an archive of `bytes` bytes may unpack to unless another limit is given:
  /// 64 MiB, or 256 times its size.
  public static func usualLimit(forArchiveOf bytes: Int) -> Int { max(64 << 20, bytes * 256) }

  /// Unpacks and verifies an archive.
  ///
  /// Nothing larger than `limit` bytes is unpacked (default: `usualLimit`). Damaged bytes are
  /// refused with the section and offset.
  public static func unpack(_ file: [UInt8], limit: Int? = nil) throws(CodingError) -> Archive {
    try unpack(file, limit: limit, expecting: nil)
  }

  /// Proves that an archive gives back a model and the files beside it; none is held a second time.
  public static func verify(
    _ file: [UInt8], gives onnx: [UInt8], members: [ArchiveMember] = []
  ) throws(CodingError) -> ArchiveReport {
    try unpack(file, limit: .max, expecting: (onnx, members)).report
  }

  private static func unpack(
    _ file: [UInt8], limit: Int?, expecting expected: (onnx: [UInt8], members: [ArchiveMember])?
  ) throws(CodingError) -> Archive {
    let container = try ArchiveContainer(file)
    let limit = limit ?? usualLimit(forArchiveOf: file.count)
    guard container.modelBytes <= limit else {
      throw .tooLarge(declared: container.modelBytes, limit: limit)
    }
    guard let first = container.sections.first, first.kind == .text else {
      throw .damaged(section: "head", offset: 0, reason: "the first section is no model text")
    }
    let (text, isWalked) = try ModelText.decode(first, limit: container.modelBytes)
    let payloads = PayloadReader(
      container.sections.filter { $0.kind == .tensors || $0.kind == .huffmanTensors })
    var tape = UnpackingTape(
      text: text[...], payloads: payloads, end: container.modelBytes, section: first.name,
      expected: expected?.onnx)
    if isWalked {
      var walker = ModelWalker(tape: tape)
      try walker.walk()
      tape = walker.tape
    } else {
      _ = try tape.read(text.count)
    }
    guard tape.isComplete, tape.model.isComplete, tape.model.count == container.modelBytes,
      tape.model.hash == container.modelHash
    else {
      throw .damaged(
        section: first.name, offset: first.offset,
        reason: "the checksum of the whole model does not agree")
    }
    var members: [ArchiveMember] = []
    var entries = tape.entries
    var left = limit - container.modelBytes
    var memberBytes = 0
    for section in container.sections.dropFirst() where section.kind == .member {
      let known = expected.map {
        $0.members.count > members.count ? $0.members[members.count].bytes : []
      }
      let decoded = try MemberCoding.decode(section, tape.tensors, limit: left, expected: known)
      if members.contains(where: { $0.location == decoded.member.location }) {
        throw .duplicateMember(decoded.member.location)
      }
      left -= decoded.byteCount
      memberBytes += section.bytes.count
      members.append(decoded.member)
      entries += decoded.entries
    }
    guard expected.map({ $0.members.map(\.location) == members.map(\.location) }) ?? true else {
      throw .damaged(section: "archive", offset: 0, reason: "its files are not those expected")
    }
    let report = ArchiveReport(
      entries: entries, textBytes: text.count, codedTextBytes: first.bytes.count,
      memberBytes: memberBytes, rawBytes: tape.model.count, archiveBytes: file.count)
    return Archive(onnx: tape.model.bytes, members: members, report: report)
  }
}
