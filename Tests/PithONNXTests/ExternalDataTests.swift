import Foundation
import PithGraph
import PithONNX
import PithTensors
import PithTestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Data outside the model's file: only from ordinary files in its folder, by their only name.
struct ExternalDataTests {
  private let folder: TemporaryFolder
  private let numbers: [Float] = [1, 2, 3, 4]

  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(at: folder("inside"), withIntermediateDirectories: true)
    try data.write(to: folder("weights.bin"))
    try data.write(to: folder("inside/weights.bin"))
    try FileManager.default.createDirectory(
      at: folder("model"), withIntermediateDirectories: true)
    try data.write(to: folder("model/weights.bin"))
    try FileManager.default.createDirectory(
      at: folder("model/sub"), withIntermediateDirectories: true)
    try data.write(to: folder("model/sub/weights.bin"))
  }

  private var data: Data { numbers.withUnsafeBytes { Data($0) } }

  private func read(_ entries: [(String, String)], dims: [Int] = [4]) throws -> Tensor {
    let external = entries.flatMap { key, value in
      Protobuf.field(13, Protobuf.field(1, key) + Protobuf.field(2, value))
    }
    let url = folder("model/model.onnx")
    try Data(Protobuf.modelOfWeight(dims, external + Protobuf.field(14, 1))).write(to: url)
    let graph = try ONNXReader.read(url)
    return try #require(graph.weights.values.first)
  }

  @Test func theControlLoads() throws {
    #expect(try read([("location", "weights.bin")]).floats == numbers)
    #expect(try read([("location", "./sub//weights.bin")]).floats == numbers)
    #expect(
      try read(
        [("location", "weights.bin"), ("offset", "4"), ("length", "8")], dims: [2]
      ).floats == [2, 3])
    // One byte further on nothing is aligned any more.
    #expect(
      try read([("location", "weights.bin"), ("offset", "1")], dims: [3]).byteCount == 12)
    #expect(
      try ONNXReader.read(Fixture(name: "external-13").url).weights.values.map(\.count).sorted()
        == [40, 320])
  }

  @Test(arguments: [
    ("/etc/passwd", "absolute"), ("../weights.bin", "leads out"),
    ("sub/../../weights.bin", "leads out"), ("..", "leads out"), ("", "empty"), (".", "no file"),
    ("weights.bin\0", "NUL"), ("\0", "NUL"), ("sub", "is a folder"), ("nothing.bin", "No such"),
    ("weights.bin/more", "Not a directory"),
  ])
  func locationsElsewhereAreRefused(_ location: String, _ reason: String) throws {
    expectRefusal(reason) { try read([("location", location)]) }
  }

  @Test func linksAndSpecialFilesAreRefused() throws {
    let files = FileManager.default
    try files.createSymbolicLink(
      at: folder("model/link"), withDestinationURL: folder("weights.bin"))
    try files.createSymbolicLink(
      at: folder("model/near"), withDestinationURL: folder("model/sub/weights.bin"))
    try files.createSymbolicLink(at: folder("model/away"), withDestinationURL: folder("inside"))
    try files.linkItem(at: folder("inside/weights.bin"), to: folder("model/hard"))
    #expect(mkfifo(folder("model/pipe").path, 0o600) == 0)
    for (location, reason) in [
      ("link", "symbolic link"), ("near", "symbolic link"), ("away/weights.bin", "symbolic link"),
      ("hard", "hard link"), ("pipe", "no ordinary file"),
    ] {
      expectRefusal(reason) { try read([("location", location)]) }
    }
    // Only a superuser can make a device here; others are refused by the same test of its kind.
    if mknod(folder("model/zero").path, S_IFCHR | 0o600, 0x105) == 0 {
      expectRefusal("no ordinary file") { try read([("location", "zero")]) }
    }
  }

  @Test(arguments: [
    [("offset", "-1")], [("offset", "4")], [("offset", "9223372036854775807")],
    [("offset", "99999999999999999999")], [("length", "-16")], [("length", "12")],
    [("length", "20")], [("offset", "x")], [("offset", " 1")], [("length", "0x10")],
    [("location", "weights.bin")],
  ])
  func placesThatDoNotFitAreRefused(_ entries: [(String, String)]) throws {
    expectRefusal("external data of tensor 'w'") {
      try read([("location", "weights.bin")] + entries)
    }
  }

  @Test func modelsFromMemoryHaveNoFolder() throws {
    let bytes = try Data(contentsOf: Fixture(name: "external-13").url)
    expectRefusal("has no folder") { try ONNXReader.read(bytes) }
    let graph = try ONNXReader.read(bytes, baseURL: Fixture.folder)
    #expect(graph.weights.count == 2)
  }

  @Test func weightsCanBeWrittenToASecondFile() throws {
    let graph = try ONNXReader.read(Fixture(name: "external-13").url)
    let url = folder("written.onnx")
    try ONNXWriter.write(graph, to: url, .init(externalData: .always))
    #expect(try Data(contentsOf: folder("written.onnx.data")).count == 1280)
    let again = try ONNXReader.read(url)
    #expect(GraphPrinter(again).text == GraphPrinter(graph).text)
    #expect(
      again.orderedWeights.map { again.weights[$0] }
        == graph.orderedWeights.map { graph.weights[$0] })
  }

  private func expectRefusal(_ reason: String, _ body: () throws -> some Any) {
    #expect {
      _ = try body()
    } throws: {
      "\($0)".contains(reason) && "\($0)".contains("external data of tensor")
    }
  }
}
