import PithCompression
import PithGraph
import PithOperators
import PithTensors
import PithTestSupport
import Testing

@Suite struct WeightSharingTests {
  private let problem: SmallProblem

  init() throws { problem = try SmallProblem() }

  private func shared(_ given: [String: SettingValue], _ graph: Graph? = nil) throws -> Outcome {
    try WeightSharing(given: given).apply(to: graph ?? problem.network, problem.context)
  }

  /// The weights that the layer's node is given, computed from codebook and indices.
  private func weights(_ graph: Graph, of layer: String) throws -> [Float] {
    let node = try #require(graph.nodes.first { $0.name == layer })
    var part = graph
    part.setOutputs([try #require(node.inputs[1])])
    part.removeUnused()
    return try Evaluator().run(part, [Tensor([Float](repeating: 0, count: 72), [1, 2, 6, 6])])[0]
      .floats
  }

  @Test(arguments: [true, false])
  func trainedWeightsStayShared(pruned: Bool) throws {
    var network = problem.network
    if pruned {
      let method = try Pruning(given: ["sparsity": .number(0.5), "epochs": .wholeNumber(0)])
      network = try method.apply(to: network, problem.context).graph
    }
    let given: [String: SettingValue] = [
      "bits": .wholeNumber(3), "epochs": .wholeNumber(2), "batch": .wholeNumber(8),
      "learning-rate": .number(0.01),
    ]
    let before = try shared(given.merging(["epochs": .wholeNumber(0)]) { $1 }, network).graph
    let after = try shared(given, network).graph
    for layer in ["conv", "fc"] {
      let (old, new) = (try weights(before, of: layer), try weights(after, of: layer))
      #expect(Set(new).count <= 8)
      #expect(old != new)
      // What shared a value still shares it.
      for value in Set(old) {
        #expect(Set(zip(old, new).filter { $0.0 == value }.map(\.1)).count == 1)
      }
      guard pruned else { continue }
      for (weight, value) in zip(network.floats(layer + ".weight"), new) {
        #expect((weight == 0) == (value == 0))
      }
    }
  }

  @Test func sharedWeightsAreTheNearestValues() throws {
    let graph = try shared(["clusters": .wholeNumber(16), "epochs": .wholeNumber(0)]).graph
    let before = problem.network.floats("conv.weight")
    let codebook = graph.floats("conv.weight.codebook")
    #expect(codebook.count == 16)
    for (weight, value) in zip(before, try weights(graph, of: "conv")) {
      let nearest = codebook.map { ($0 - weight).magnitude }.min()
      #expect((value - weight).magnitude <= (nearest ?? 0) + 1e-6)
    }
  }

  @Test func smallLayersAreLeftAndTold() throws {
    let outcome = try shared(["clusters": .wholeNumber(64), "epochs": .wholeNumber(0)])
    #expect(outcome.notes.count == 1)
    #expect(outcome.notes.first?.contains("'fc.weight' has 48 weights") == true)
    #expect(outcome.graph.floats("fc.weight") == problem.network.floats("fc.weight"))
    let method = try WeightSharing(given: ["skip": .list([.word("*")]), "epochs": .wholeNumber(0)])
    #expect(throws: CompressionError.self) {
      try method.apply(to: problem.network, problem.context)
    }
  }

  @Test func numbersThatAreNone() throws {
    var network = problem.network
    network.setFloats("conv.weight") { $0[0] = -.infinity }
    let error = #expect(throws: CompressionError.self) {
      try shared(["epochs": .wholeNumber(0)], network)
    }
    #expect(error?.description.contains("conv.weight") == true)
  }

  @Test func trainingNeedsData() throws {
    let method = try WeightSharing(given: [:])
    #expect(throws: CompressionError.self) {
      try method.apply(to: problem.network, problem.contextWithoutData)
    }
  }
}
