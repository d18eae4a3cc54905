import Foundation
import PithGraph
import PithONNX
import PithOperators
import PithRuntime
import PithTensors
import Testing

/// Nodes that are not understood: their meaning, and what they use, must survive.
struct KeptFormTests {
  private func read(_ name: String) throws -> Graph {
    try ONNXReader.read(Fixture(name: name).url)
  }

  @Test func subgraphsOfTheSameMeaningLetTheModelBeUpgraded() throws {
    let graph = try read("if-13")
    #expect(graph.metadata[ONNXMetadata.opset] == "21")
    #expect(graph.unsupported.isEmpty)
    let choice = try #require(graph.nodes.first { $0.operator.name == "If" })
    #expect(choice.captured.map(graph.name(of:)) == ["outer", "axes", "factor"])
  }

  @Test func subgraphsOfOlderFormsAreUpgraded() throws {
    let graph = try read("if-11")
    #expect(graph.metadata[ONNXMetadata.opset] == "21")
    #expect(graph.type(of: graph.outputs[0]) == TensorType(.float32, [3]))
    let again = try ONNXReader.read(try ONNXWriter.bytes(of: graph))
    #expect(again.metadata[ONNXMetadata.sourceOpset] == "21")
    let inputs = [Tensor(scalar: true), Tensor([1, -2, 3] as [Float], [1, 3])]
    let results = try [graph, again].map { graph in
      var fixed = graph
      for (input, tensor) in zip(graph.inputs, inputs) { fixed.fix(input, tensor) }
      return try Executable(fixed).run([])[0]
    }
    #expect(results[0] == results[1])
  }

  @Test func capturedValuesAreRenamedInside() throws {
    var graph = try read("if-13")
    let choice = try #require(graph.nodes.first { $0.operator.name == "If" })
    graph.setName("renamed", of: choice.captured[2])
    // A name that the subgraph has already: the value around it must make way.
    graph.setName("inner", of: choice.captured[0])
    let again = try ONNXReader.read(try ONNXWriter.bytes(of: graph))
    let found = try #require(again.nodes.first { $0.operator.name == "If" })
    #expect(found.captured.map(again.name(of:)) == ["inner_2", "axes", "renamed"])
    try again.verify()
  }

  @Test func functionsKeepTheOperatorSetAndComeAlong() throws {
    let graph = try read("function-17")
    #expect(graph.metadata[ONNXMetadata.opset] == "17")
    #expect(graph.unsupported.map(\.operator) == ["local.Double"])
    let again = try ONNXReader.read(try ONNXWriter.bytes(of: graph))
    #expect(again.unsupported.map(\.reason) == ["it calls a function that the file defines"])
  }

  @Test func aNodeThatTheKeptSetCannotSayIsRefused() throws {
    var graph = try read("if-11")
    let softmax = try #require(operatorType(named: "Softmax", domain: ""))
    graph.setOutputs([try graph.add(try softmax.init([:]), graph.outputs[0], name: "late")])
    #expect {
      try ONNXWriter.bytes(of: graph)
    } throws: {
      "\($0)".contains("node 'late' (Softmax) has no form in operator set 11")
    }
  }

  @Test func declaredTypesHelpBehindOpaqueNodes() throws {
    let graph = try read("foreign-13")
    #expect(graph.unsupported.map(\.operator) == ["com.microsoft.FusedGemm"])
    #expect(graph.metadata[ONNXMetadata.opset] == "21")
    #expect(graph.metadata[ONNXMetadata.domains] == "com.microsoft=1")
    #expect(graph.type(of: graph.nodes[0].output!) == TensorType(.float32, [.named("N"), 2]))
  }

  @Test func newerOperatorSetsAreKept() throws {
    let warnings = Warnings()
    let graph = try ONNXReader.read(
      Fixture(name: "newer-23").url, .init { warnings.add($0) })
    #expect(graph.metadata[ONNXMetadata.opset] == "23")
    #expect(warnings.all.isEmpty)
  }

  @Test func unknownOperatorSetsAreKeptWithAWarning() throws {
    let warnings = Warnings()
    let model = Protobuf.model(
      graph: Protobuf.node("Relu", ["x"], ["y"]) + Protobuf.input("x", [2])
        + Protobuf.output("y", [2]), opset: 99)
    let graph = try ONNXReader.read(model, .init { warnings.add($0) })
    #expect(graph.metadata[ONNXMetadata.opset] == "99")
    #expect(warnings.all.contains { $0.contains("operator set 99 is newer than 26") })
  }

  @Test func whatTheFileSaysOfItselfComesAlong() throws {
    var graph = try read("network-13")
    #expect(graph.name == "tiny")
    #expect(graph.metadata["author"] == "somebody")
    #expect(graph.metadata["labels"] == "a,b,c")
    #expect(graph.metadata[ONNXMetadata.origin] == "golden")
    #expect(graph.metadata[ONNXMetadata.sourceOpset] == "13")
    graph.metadata["note"] = "smaller"
    let again = try ONNXReader.read(try ONNXWriter.bytes(of: graph))
    #expect(again.metadata["note"] == "smaller")
    for key in [
      "author", ONNXMetadata.origin, ONNXMetadata.documentation, ONNXMetadata.modelVersion,
      ONNXMetadata.modelDomain, ONNXMetadata.carried,
    ] {
      #expect(again.metadata[key] != nil && again.metadata[key] == graph.metadata[key])
    }
    let bytes = try ONNXWriter.bytes(of: graph)
    #expect(bytes.firstRange(of: Array("the first activation".utf8)) != nil)
  }

  @Test func keysOfOurOwnInAFileAreNotBelieved() throws {
    let entry = Protobuf.field(1, ONNXMetadata.carried) + Protobuf.field(2, "nonsense")
    let model =
      Protobuf.model(
        graph: Protobuf.node("Relu", ["x"], ["y"]) + Protobuf.input("x", [2])
          + Protobuf.output("y", [2])) + Protobuf.field(14, entry)
    #expect(try ONNXReader.read(model).metadata[ONNXMetadata.carried] == nil)
  }
}

/// Collects warnings, which may come from anywhere.
///
/// Unchecked because the lock guards the array.
final class Warnings: @unchecked Sendable {
  private let lock = NSLock()
  private var texts: [String] = []

  func add(_ text: String) { lock.withLock { texts.append(text) } }
  var all: [String] { lock.withLock { texts } }
}
