import Foundation
import PithGraph
import PithONNX
import PithOperators
import PithTensors
import Testing

#if canImport(Glibc)
  import Glibc
#endif

struct WriterTests {
  private func network(elements: Int = 4) throws -> Graph {
    var graph = Graph(name: "small")
    let x = graph.addInput("x", TensorType(.float32, [.named("N"), .fixed(elements)]))
    let w = graph.addWeight("w", Tensor([Float](repeating: 1, count: elements)))
    graph.addOutput(try graph.add(Add(), x, w), name: "y")
    return graph
  }

  @Test func aFileAppearsWholeAndAlone() throws {
    let folder = try TemporaryFolder()
    try ONNXWriter.write(try network(), to: folder("model.onnx"))
    try ONNXWriter.write(try network(elements: 8), to: folder("model.onnx"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["model.onnx"])
    #expect(
      try Data(contentsOf: folder("model.onnx"))
        == Data(try ONNXWriter.bytes(of: try network(elements: 8))))
  }

  @Test func aFailedWriteLeavesThePreviousFile() throws {
    let folder = try TemporaryFolder()
    try ONNXWriter.write(try network(), to: folder("model.onnx"))
    let before = try Data(contentsOf: folder("model.onnx"))
    let large = try network(elements: 2 << 20)
    for options in [ONNXWriter.Options(), .init(externalData: .always)] {
      try withFileSizeLimit(1 << 22) {
        #expect {
          try ONNXWriter.write(large, to: folder("model.onnx"), options)
        } throws: {
          "\($0)".contains("cannot be written: File too large")
        }
      }
    }
    #expect(try Data(contentsOf: folder("model.onnx")) == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["model.onnx"])
  }

  @Test func placesThatCannotBeWrittenAreNamed() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(at: folder("taken"), withIntermediateDirectories: true)
    for url in [folder("missing/model.onnx"), folder("taken")] {
      #expect {
        try ONNXWriter.write(try network(), to: url)
      } throws: {
        "\($0)".hasPrefix("\(url.path): cannot be written: ")
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["taken"])
  }

  @Test func namesBecomeUnique() throws {
    var graph = try network()
    let again = try graph.add(Add(), graph.outputs[0], graph.orderedWeights[0])
    graph.setName("w", of: again)
    let twice = try graph.add(Add(), again, again)
    graph.addOutput(twice, name: "z")
    graph.addOutput(twice)
    graph.addOutput(graph.orderedWeights[0])
    let read = try ONNXReader.read(try ONNXWriter.bytes(of: graph))
    try read.verify()
    #expect(read.outputs.map(read.name(of:)) == ["y", "z", "z_2", "w"])
    #expect(read.nodes.suffix(2).map(\.operator.name) == ["Identity", "Identity"])
    #expect(read.orderedWeights.map(read.name(of:)) == ["w_2"])
  }

  @Test func whatIsNoNetworkIsRefused() throws {
    var graph = try network()
    let weight = graph.orderedWeights[0]
    graph.addUpdate(weight, to: weight)
    #expect {
      try ONNXWriter.bytes(of: graph)
    } throws: {
      "\($0)".contains("a training step")
    }
    let unknown = OpaqueOperator(kind: "Mystery", domain: "elsewhere", attributes: [:])
    graph = try network()
    graph.setOutputs(try graph.add(unknown, [graph.outputs[0]], outputs: 1))
    #expect {
      try ONNXWriter.bytes(of: graph)
    } throws: {
      "\($0)".contains("is not known")
    }
  }

  @Test func tensorsAloneGoThereAndBack() throws {
    let folder = try TemporaryFolder()
    for tensor in [
      Tensor([1, 2, 3, 4, 5, 6] as [Float], [2, 3]), Tensor(scalar: Int64(-1)),
      Tensor(packing: [1, -2, 3], .int4, [3]), Tensor(.float64, [0, 2]),
      Tensor(strings: [[1, 2], []], [2]),
    ] {
      try TensorFile.write(tensor, name: "t", to: folder("t.pb"))
      let (name, read) = try TensorFile.read(folder("t.pb"))
      #expect(name == "t" && read == tensor)
    }
    try Data([0x0a]).write(to: folder("bad.pb"))
    #expect(throws: ONNXError.self) { try TensorFile.read(folder("bad.pb")) }
  }

  /// Runs the body while no file of the process may grow beyond a size.
  private func withFileSizeLimit(_ bytes: Int, _ body: () throws -> Void) throws {
    #if canImport(Glibc)
      var before = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &before)
      var limit = before
      limit.rlim_cur = rlim_t(bytes)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      defer { setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &before) }
      try body()
    #endif
  }
}
