import PithCompression
import PithData
import PithGraph
import PithOperators
import PithTensors
import PithTraining
import Testing

/// Against Scripts/golden/pruning.py.
@Suite struct PruningCriteriaTests {
  private struct Golden: Decodable {
    struct Weight: Decodable {
      var shape: [Int]
      var values: [Float]
    }

    var weights: [String: Weight]
    var images: [Float]
    var labels: [Int32]
    var scores: [String: [String: [Float]]]
    var channels: [String: [Float]]
    var refitted: [String: [Float]]
  }

  private let golden: Golden
  private let graph: Graph
  private let context: Context

  init() throws {
    golden = try goldenFile("pruning")
    graph = try Self.network(golden)
    let images = Tensor(golden.images, [golden.labels.count, 2, 5, 5])
    let split = try PithData.Split(images, labels: golden.labels)
    context = Context(
      data: TrainingData(train: split, validation: nil, preprocessing: .raw), teacher: graph)
  }

  private static func network(_ golden: Golden) throws -> Graph {
    var graph = Graph(name: "golden")
    func weight(_ name: String) throws -> Value {
      let weight = try #require(golden.weights[name])
      return graph.addWeight(name, Tensor(weight.values, Shape(weight.shape)))
    }
    func normalized(_ x: Value, _ name: String) throws -> Value {
      let parameters = try ["weight", "bias", "mean", "variance"].map {
        try weight("\(name).\($0)")
      }
      return try graph.add(BatchNormalization(), [x] + parameters, name: name, outputs: 1)[0]
    }
    let x = graph.addInput("input", TensorType(.float32, [.named("N"), 2, 5, 5]))
    let first = try graph.add(
      Conv(pads: [1, 1, 1, 1]), x, weight("conv1.weight"), weight("conv1.bias"), name: "conv1")
    let r1 = try graph.add(Relu(), normalized(first, "bn1"))
    let second = try graph.add(
      Conv(pads: [1, 1, 1, 1]), r1, weight("conv2.weight"), name: "conv2")
    let r2 = try graph.add(Relu(), graph.add(Add(), normalized(second, "bn2"), r1))
    let third = try graph.add(
      Conv(strides: [2, 2], group: 2), r2, weight("conv3.weight"), weight("conv3.bias"),
      name: "conv3")
    let flat = try graph.add(Flatten(), graph.add(Relu(), third))
    let scores = try graph.add(
      Gemm(transB: true), flat, weight("fc.weight"), weight("fc.bias"), name: "fc")
    graph.addOutput(scores, name: "output")
    return graph
  }

  private func scores(_ criterion: any PruningCriterion.Type) throws -> [String: [Float]] {
    let evidence = PruningEvidence(graph, context)
    let found = try criterion.scores(of: graph.prunableLayers(), evidence)
    return Dictionary(
      uniqueKeysWithValues: found.map { (graph.name(of: $0), $1.floats) })
  }

  private func expectClose(
    _ found: [Float]?, _ expected: [Float], tolerance: Float, _ what: String
  ) throws {
    let found = try #require(found)
    try #require(found.count == expected.count)
    let size = expected.map(\.magnitude).max() ?? 0
    let worst = zip(found, expected).map { ($0 - $1).magnitude }.max() ?? 0
    #expect(worst <= tolerance * size, "\(what): \(worst) of \(size)")
  }

  @Test(arguments: ["taylor", "fisher", "obd", "lookahead", "obs", "exact-obs"])
  func scoresAgree(with name: String) throws {
    let criterion = try #require(pruningCriteria.first { $0.name == name })
    let found = try scores(criterion)
    for (layer, expected) in try #require(golden.scores[name]) {
      try expectClose(
        found["\(layer).weight"], expected, tolerance: criterion.refits ? 1e-3 : 1e-4,
        "\(name) of \(layer)")
    }
  }

  /// A gate for each half of the stream, which two normalisations write to and a convolution in two
  /// groups reads.
  @Test(arguments: ["taylor", "fisher", "slimming"])
  func channelScoresAgree(with name: String) throws {
    let criterion = try #require(channelCriteria.first { $0.name == name })
    let groups = try graph.pruningGroups().groups
    #expect(groups.map(\.name) == ["conv1"])
    let found = try criterion.scores(of: groups, in: graph, context)
    try expectClose(
      found.first?.map { Float($0) }, try #require(golden.channels[name]), tolerance: 1e-4, name)
  }

  /// Least squares with every third weight of a tensor gone.
  @Test func refittedWeightsAgree() throws {
    let layers = graph.prunableLayers()
    var masks: [Value: [Float]] = [:]
    for layer in layers {
      let count = graph.weights[layer.weight]!.count
      masks[layer.weight] = (0..<count).map { $0 % 3 == 0 ? 0 : 1 }
    }
    let found = try PruningEvidence(graph, context).refitted(layers, masks, for: "obs")
    for (name, expected) in golden.refitted {
      try expectClose(
        found[graph.value(named: "\(name).weight")!]?.floats, expected, tolerance: 1e-3, name)
    }
  }

  /// The last four inputs of the matrix product are zero in every sample.
  @Test func deadInputsGoFirst() throws {
    let found = try #require(try scores(ExactOptimalBrainSurgeon.self)["fc.weight"])
    for row in 0..<3 {
      let dead = found[(row * 24 + 20)..<(row * 24 + 24)].max() ?? 1
      let alive = found[(row * 24)..<(row * 24 + 20)].min() ?? 0
      #expect(dead < alive)
    }
  }

  @Test func randomScoresAreTheSeedsOwn() throws {
    let first = try scores(RandomScores.self)
    #expect(try scores(RandomScores.self) == first)
    var other = context
    other.seed = 2
    let layers = graph.prunableLayers()
    let second = try RandomScores.scores(of: layers, PruningEvidence(graph, other))
    for layer in layers {
      let scores = try #require(first[layer.name])
      #expect(second[layer.weight]?.floats != scores)
      #expect(scores.allSatisfy { (0..<1).contains($0) })
      #expect((0.25..<0.75).contains(scores.reduce(0, +) / Float(scores.count)))
    }
    #expect(first["conv1.weight"]?.prefix(72) != first["conv2.weight"]?.prefix(72))
  }

  @Test func criteriaWithDataSayThatTheyNeedThem() throws {
    let without = Context(data: nil, teacher: graph)
    let layers = graph.prunableLayers()
    for criterion in pruningCriteria {
      let evidence = PruningEvidence(graph, without)
      if criterion.needsData {
        let error = #expect(throws: CompressionError.self) {
          try criterion.scores(of: layers, evidence)
        }
        #expect(error?.description.contains(criterion.name) == true)
      } else {
        #expect(try criterion.scores(of: layers, evidence).count == layers.count)
      }
    }
  }

  @Test func namesAreInOrder() {
    let names = pruningCriteria.map { $0.name }
    #expect(names == names.sorted())
    for criterion in pruningCriteria {
      #expect(!criterion.summary.isEmpty && !criterion.paper.isEmpty)
    }
  }
}
