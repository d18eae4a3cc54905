import PithCoding
import Testing

@Suite struct ArchiveMemberTests {
  private func network() throws -> (model: [UInt8], member: ArchiveMember) {
    var random = Randomness(seed: 12)
    let indices = (0..<4000).map { $0 % 9 == 0 ? UInt8.random(in: 1..<8, using: &random) : 0 }
    let floats = ModelBytes.bytes((0..<300).map { _ in random.gaussian() })
    let file = [UInt8]("head".utf8) + indices + [UInt8](repeating: 7, count: 96) + floats
    let model = ModelBytes.model(initializers: [
      ModelBytes.external(
        "b", type: 1, shape: [300], location: "data/weights.bin", offset: 4100, length: 1200),
      ModelBytes.external(
        "w", type: 2, shape: [40, 100], location: "./data/weights.bin", offset: 4, length: 4000),
      ModelBytes.external(
        "outside", type: 1, shape: [9], location: "data/weights.bin", offset: 1 << 40, length: 36),
      ModelBytes.external(
        "overlap", type: 1, shape: [9], location: "data/weights.bin", offset: 40, length: 36),
    ])
    return (model, try ArchiveMember(location: "data/weights.bin", bytes: file))
  }

  @Test(arguments: EntropyCoder.allCases)
  func externalDataIsCodedAsTensors(coder: EntropyCoder) throws {
    let (model, member) = try network()
    let other = try ArchiveMember(location: "notes.txt", bytes: Array("hello".utf8))
    let file = try Archive.pack(onnx: model, members: [member, other], coder: coder)
    let archive = try Archive.unpack(file)
    #expect(archive.onnx == model)
    #expect(archive.members == [member, other])
    #expect(archive.report.entries.map(\.name) == ["w", "b"])
    #expect(file.count < 2800)
  }

  @Test(arguments: [
    "/etc/passwd", "../a", "a/../b", "a//b", "", ".", "a/.", "a\0b", "a\nb", "C:\\x", "..\\x", "a/",
  ])
  func namesStayInTheFolder(name: String) {
    #expect(throws: CodingError.illegalMemberName(name)) {
      try ArchiveMember(location: name, bytes: [])
    }
  }

  /// Proving an archive finds every difference from what was packed.
  @Test(arguments: EntropyCoder.allCases)
  func provenAgainstWhatWasPacked(coder: EntropyCoder) throws {
    let (model, member) = try network()
    let file = try Archive.pack(onnx: model, members: [member], coder: coder)
    let report = try Archive.verify(file, gives: model, members: [member])
    #expect(report == (try Archive.unpack(file).report))
    var otherModel = model
    otherModel[model.count / 2] ^= 1
    var bytes = member.bytes
    bytes[4200] ^= 1
    let changed = try ArchiveMember(location: member.location, bytes: bytes)
    let longer = try ArchiveMember(location: member.location, bytes: member.bytes + [0])
    let renamed = try ArchiveMember(location: "other.bin", bytes: member.bytes)
    for (onnx, members) in [
      (otherModel, [member]), (model + [0], [member]), (model, []), (model, [changed]),
      (model, [longer]), (model, [renamed]), (model, [member, renamed]),
    ] as [([UInt8], [ArchiveMember])] {
      #expect(throws: CodingError.self) {
        try Archive.verify(file, gives: onnx, members: members)
      }
    }
  }

  @Test func namesOccurOnce() throws {
    let member = try ArchiveMember(location: "a", bytes: [1])
    #expect(throws: CodingError.duplicateMember("a")) {
      try Archive.pack(onnx: [], members: [member, member])
    }
  }

  @Test func membersCountTowardsTheLimit() throws {
    let member = try ArchiveMember(location: "a", bytes: [UInt8](repeating: 0, count: 5000))
    let file = try Archive.pack(onnx: [1, 2], members: [member])
    #expect(throws: CodingError.tooLarge(declared: 5000, limit: 998)) {
      try Archive.unpack(file, limit: 1000)
    }
  }
}
