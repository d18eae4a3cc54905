import Foundation
import PithGraph
import PithONNX
import PithTensors
import Testing

/// What is written reads as what was read, and is the same bytes when written again. (That it means
/// the same to others, Scripts/check-onnx.py shows: `PITH_ROUND_TRIP=FOLDER` keeps what is written.)
struct RoundTripTests {
  @Test(arguments: Fixture.all) func fixture(_ fixture: Fixture) throws {
    try check(fixture.url)
  }

  @Test(
    .disabled(if: sharedModels.isEmpty, "needs the networks of the shared data"),
    arguments: sharedModels)
  func network(_ url: URL) throws { try check(url) }

  private func check(_ url: URL) throws {
    let graph = try ONNXReader.read(url)
    try graph.verify()
    let bytes = try ONNXWriter.bytes(of: graph)
    let again = try ONNXReader.read(bytes)
    try again.verify()
    expectEqual(again, withoutCopies(graph))
    if graph.outputs.allSatisfy({ graph.weights[$0] == nil }) {
      #expect(try ONNXWriter.bytes(of: again) == bytes, "the second file differs from the first")
    }
    if let folder = ProcessInfo.processInfo.environment["PITH_ROUND_TRIP"] {
      try ONNXWriter.write(
        graph, to: URL(fileURLWithPath: folder).appendingPathComponent(url.lastPathComponent))
    }
  }

  /// Graphs whose outputs are weights get nodes more when written; nothing else may change.
  private func withoutCopies(_ graph: Graph) -> Graph? {
    graph.outputs.contains { graph.weights[$0] != nil } ? nil : graph
  }

  private func expectEqual(_ actual: Graph, _ expected: Graph?) {
    guard let expected else { return }
    #expect(GraphPrinter(actual).text == GraphPrinter(expected).text)
    #expect(
      zip(actual.nodes, expected.nodes).allSatisfy {
        $0.operator.attributes == $1.operator.attributes
      })
    #expect(
      actual.orderedWeights.map { actual.weights[$0] }
        == expected.orderedWeights.map { expected.weights[$0] })
    // The file's own version is 21 after the first time; all else stays.
    let changing = [ONNXMetadata.sourceOpset, ONNXMetadata.irVersion]
    #expect(
      actual.metadata.filter { !changing.contains($0.key) }
        == expected.metadata.filter { !changing.contains($0.key) })
  }
}
