import Foundation
import PithCoding
import Testing

/// Writes the fixtures of `ArchiveFixtureTests`, only when asked: after a new format version, run
/// `PITH_WRITE_FIXTURES=1 swift test -c release --filter writeFixtures`, and keep the old files
/// under another name.
@Test(.enabled(if: ProcessInfo.processInfo.environment["PITH_WRITE_FIXTURES"] != nil))
func writeFixtures() throws {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
    path: "Fixtures")
  let member = try ArchiveMember(
    location: "weights.bin", bytes: (0..<200).map { UInt8($0 * $0 % 251) })
  for coder in EntropyCoder.allCases {
    let file = try Archive.pack(
      onnx: ModelBytes.smallNetwork(seed: 1), members: [member], coder: coder)
    try Data(file).write(to: folder.appending(path: "network-\(coder.rawValue).pith"))
  }
}
