import Foundation
import PithONNX
import PithTensors
import PithTestSupport
import Testing

/// One of the models that Scripts/golden/onnx_models.py wrote.
struct Fixture: CustomTestStringConvertible {
  let name: String

  var url: URL { Self.folder.appendingPathComponent(name + ".onnx") }

  var testDescription: String { name }

  static let folder = Bundle.module.resourceURL!.appendingPathComponent("Fixtures")

  /// All of them, by name.
  static let all: [Fixture] = {
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    return (names ?? []).filter { $0.hasSuffix(".onnx") }.sorted()
      .map { Fixture(name: String($0.dropLast(5))) }
  }()

  /// Tensors that ONNX Runtime was given, or gave; empty where it was not asked.
  func tensors(_ kind: String) throws -> [Tensor] {
    let folder = Self.folder.appendingPathComponent(name + ".test_data_set_0")
    var result: [Tensor] = []
    while true {
      let url = folder.appendingPathComponent("\(kind)_\(result.count).pb")
      guard FileManager.default.fileExists(atPath: url.path) else { return result }
      result.append(try TensorFile.read(url).tensor)
    }
  }
}

/// The networks of the shared data, where it is there.
let sharedModels: [URL] = {
  guard let folder = sharedData("models") else { return [] }
  let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
  return (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "onnx" }
    .sorted { $0.path < $1.path }
}()

/// A folder that is gone after the test.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("pith-onnx-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func callAsFunction(_ name: String) -> URL { url.appendingPathComponent(name) }
}
