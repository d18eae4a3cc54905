import Foundation
import PithCoding
import PithTestSupport
import Testing

/// Archives that were written once decode for ever.
@Suite struct ArchiveFixtureTests {
  @Test(arguments: EntropyCoder.allCases)
  func committedArchives(coder: EntropyCoder) throws {
    let url = try #require(
      Bundle.module.url(
        forResource: "network-\(coder.rawValue)", withExtension: "pith", subdirectory: "Fixtures"))
    let archive = try Archive.unpack([UInt8](try Data(contentsOf: url)))
    #expect(archive.onnx == ModelBytes.smallNetwork(seed: 1))
    #expect(archive.members.map(\.location) == ["weights.bin"])
    let squares = (0..<200).map { UInt8($0 * $0 % 251) }
    #expect(archive.members.map(\.bytes) == [squares])
  }

  /// Real networks, where they are at hand.
  @Test(.enabled(if: models != nil, "needs shared/data/models"))
  func realNetworks() throws {
    for url in ArchiveFixtureTests.models ?? [] {
      let onnx = [UInt8](try Data(contentsOf: url))
      if onnx.count > 5 << 20 { continue }
      let file = try Archive.pack(onnx: onnx)
      #expect(try Archive.unpack(file).onnx == onnx, "\(url.lastPathComponent)")
      if onnx.count > 1_080_000 { continue }  // Zstandard's highest levels are slow
      let huffman = try Archive.pack(onnx: onnx, coder: .huffman)
      #expect(try Archive.unpack(huffman).onnx == onnx, "\(url.lastPathComponent)")
      #expect(file.count < huffman.count, "\(url.lastPathComponent)")
    }
  }

  static let models: [URL]? = {
    guard let folder = sharedData("models") else { return nil }
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    let models = files?.compactMap { $0 as? URL }.filter { $0.pathExtension == "onnx" }
    return models?.sorted { $0.path < $1.path }
  }()
}
