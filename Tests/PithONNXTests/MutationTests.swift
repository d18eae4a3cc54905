import Foundation
import PithGraph
import PithONNX
import PithTensors
import Testing

/// Damaged models give a graph or an error, whatever the damage: 1,000 seeded mutations of each kind
/// of file. `PITH_MUTATIONS` sets another number for long runs.
struct MutationTests {
  private static let count =
    ProcessInfo.processInfo.environment["PITH_MUTATIONS"].flatMap { Int($0) } ?? 1000

  @Test func damagedFixturesGiveAGraphOrAnError() throws {
    let files = try Fixture.all.map { try [UInt8](Data(contentsOf: $0.url)) }
    let counts = mutate(files, seed: 1)
    #expect(counts.graphs + counts.errors == Self.count)
    // The damage is of a kind that often leaves something to read.
    #expect(counts.graphs > Self.count / 10 && counts.errors > Self.count / 10)
  }

  @Test(.disabled(if: sharedModels.isEmpty, "needs the networks of the shared data"))
  func damagedNetworksGiveAGraphOrAnError() throws {
    let names = [
      "lenet300_100_mnist.onnx", "resnet8_cifar10_mlperftiny.onnx", "resnet20_cifar10.onnx",
    ]
    let files = try sharedModels.filter { names.contains($0.lastPathComponent) }
      .map { try [UInt8](Data(contentsOf: $0)) }
    let counts = mutate(files, seed: 2)
    #expect(counts.graphs + counts.errors == Self.count)
  }

  /// Every number of every file in turn takes extreme values.
  @Test func extremeNumbersGiveAGraphOrAnError() throws {
    let files = Fixture.all.filter { !$0.name.hasPrefix("network") }.map(\.url)
    for url in files + Self.corpus {
      for bytes in Mutation.extremes(of: [UInt8](try Data(contentsOf: url))) {
        if let graph = try? ONNXReader.read(bytes) { exercise(graph) }
      }
    }
  }

  /// More models to try, below the folder that `PITH_CORPUS` names.
  private static let corpus: [URL] = {
    guard let folder = ProcessInfo.processInfo.environment["PITH_CORPUS"] else { return [] }
    let url = URL(fileURLWithPath: folder)
    let files = FileManager.default.enumerator(at: url, includingPropertiesForKeys: nil)
    return (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "onnx" }
      .sorted { $0.path < $1.path }
  }()

  private func mutate(_ files: [[UInt8]], seed: UInt64) -> (graphs: Int, errors: Int) {
    var random = Philox(seed: seed)
    var graphs = 0
    var errors = 0
    for round in 0..<Self.count {
      let bytes = Mutation.mutate(files[round % files.count], &random)
      do throws(ONNXError) {
        exercise(try ONNXReader.read(bytes, baseURL: Fixture.folder))
        graphs += 1
      } catch {
        #expect(!error.description.isEmpty)
        errors += 1
      }
    }
    return (graphs, errors)
  }

  /// Everything that inspection does to a graph.
  private func exercise(_ graph: Graph) {
    try? graph.verify()
    #expect(!GraphPrinter(graph).text.isEmpty)
    for node in graph.nodes {
      let inputs = graph.inputFacts(of: node)
      let outputs = node.outputs.compactMap { $0.flatMap { graph.fact(of: $0) } }
      if outputs.count == node.outputs.count, !inputs.contains(where: { $0 == nil }) {
        #expect(node.operator.cost(inputs, outputs).macs >= 0)
      }
    }
    _ = try? ONNXWriter.bytes(of: graph)
  }
}
