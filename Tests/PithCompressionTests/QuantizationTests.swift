import Foundation
import PithCompression
import PithData
import PithGraph
import PithOperators
import PithTensors
import PithTestSupport
import PithTraining
import Testing

@Suite struct QuantizationTests {
  struct Golden: Decodable {
    struct Activation: Decodable {
      var scale: [Float]
      var zero: UInt8
    }
    struct Layer: Decodable {
      var integers: [Int]
      var scales: [Float]
      var biases: [Int]
      var steps: [Float]
    }
    var images: [Float]
    var weights: [String: [Float]]
    var plain: [Float]
    var activations: [String: Activation]
    var layers: [Layer]
    var scores: [Float]

    /// The network of `Scripts/golden/quantization.py`.
    func network() throws -> Graph {
      var graph = Graph(name: "small")
      func weight(_ name: String, _ shape: Shape) -> Value {
        graph.addWeight(name, Tensor(weights[name] ?? [], shape))
      }
      var x = graph.addInput("x", TensorType(.float32, [.named("N"), 3, 6, 6]))
      x = try graph.add(
        Conv(pads: [1, 1, 1, 1]), x, weight("w1", [4, 3, 3, 3]), weight("b1", [4]), name: "c1")
      x = try graph.add(Relu(), x, name: "r1")
      x = try graph.add(
        Conv(group: 4), x, weight("w2", [4, 1, 3, 3]), weight("b2", [4]), name: "c2")
      x = try graph.add(Flatten(), graph.add(GlobalAveragePool(), x, name: "p"), name: "f")
      x = try graph.add(
        Gemm(transB: true), x, weight("w3", [3, 4]), weight("b3", [3]), name: "y")
      graph.addOutput(x, name: "scores")
      return graph
    }

    func context(_ graph: Graph) throws -> Context {
      let split = try PithData.Split(Tensor(images, [10, 3, 6, 6]), labels: nil)
      return Context(
        data: TrainingData(train: split, validation: nil, preprocessing: .raw), teacher: graph)
    }
  }

  private func quantized(
    _ graph: Graph, _ context: Context, _ ranges: String, correctsBiases: Bool = true
  ) throws -> Graph {
    let method = try Quantization(given: [
      "ranges": .word(ranges), "bias-correction": .flag(correctsBiases),
    ])
    return try method.apply(to: graph, context).graph
  }

  /// The constant that a node has as an input.
  private func constant(_ graph: Graph, _ node: Node, _ slot: Int) throws -> Tensor {
    try #require(node.inputs[slot].flatMap { graph.weights[$0] })
  }

  /// The node behind an input of the named node.
  private func source(_ graph: Graph, _ name: String, _ slot: Int) throws -> Node {
    let node = try #require(graph.nodes.first { $0.name == name })
    let value = try #require(node.inputs[slot])
    return try #require(graph.nodes.first { $0.outputs.contains(value) })
  }

  @Test func integersAndScalesAndScores() throws {
    let golden: Golden = try goldenFile("quantization")
    let network = try golden.network()
    let images = Tensor(golden.images, [10, 3, 6, 6])
    expectClose(
      try Evaluator().run(network, [images])[0].floats, golden.plain, absolute: 1e-5)
    let graph = try quantized(
      network, golden.context(network), "min-max", correctsBiases: false)
    for (place, layer) in zip(golden.layers, ["c1", "c2", "y"]) {
      let weight = try source(graph, layer, 1)
      #expect(weight.operator is DequantizeLinear)
      #expect(try constant(graph, weight, 0).dtype == .int8)
      #expect(try constant(graph, weight, 0).integers == place.integers)
      expectClose(try constant(graph, weight, 1).floats, place.scales, absolute: 0)
      let bias = try source(graph, layer, 2)
      #expect(try constant(graph, bias, 0).dtype == .int32)
      for (stored, expected) in zip(try constant(graph, bias, 0).integers, place.biases) {
        #expect((stored - expected).magnitude <= 1 + expected.magnitude / 100_000)
      }
      expectClose(try constant(graph, bias, 1).floats, place.steps, absolute: 0)
    }
    for (value, layer) in [("x", "c1"), ("r1", "c2"), ("c2", "p"), ("f", "y")] {
      let expected = try #require(golden.activations[value])
      let data = try source(graph, layer, 0)
      expectClose(try constant(graph, data, 1).floats, expected.scale, absolute: 0)
      #expect(try constant(graph, data, 2).integers == [Int(expected.zero)])
    }
    // A level of the last activation moves a score by its scale times a weight.
    let step = try #require(golden.activations["f"]?.scale.first)
    expectClose(
      try Evaluator().run(graph, [images])[0].floats, golden.scores, relative: 0, absolute: step)
    expectClose(golden.scores, golden.plain, relative: 0, absolute: 0.1)
  }

  /// Dequantized weights are within half a step, and zero stays zero.
  @Test func weightsAreWithinHalfAStep() throws {
    let problem = try SmallProblem()
    let graph = try quantized(problem.network, problem.context, "mse")
    for name in ["conv", "fc"] {
      let node = try source(graph, name, 1)
      let (integers, scales) = (try constant(graph, node, 0), try constant(graph, node, 1).floats)
      let run = integers.count / scales.count
      let folded = name == "conv" ? 1 / (0.5 + Float(1e-5)).squareRoot() : 1
      for (index, weight) in problem.network.floats(name + ".weight").enumerated() {
        let scale = scales[index / run]
        let error = Float(integers.integers[index]) * scale - weight * folded
        #expect(error.magnitude <= scale * 0.5001)
      }
    }
    #expect(!graph.nodes.contains { $0.operator is BatchNormalization })
  }

  @Test(arguments: rangeEstimators.map { $0.name })
  func everyEstimatorKeepsTheAnswers(ranges: String) throws {
    let problem = try SmallProblem()
    let graph = try quantized(problem.network, problem.context, ranges)
    let images = try (0..<problem.data.train.count).map { try problem.data.train.sample(at: $0) }
    let batch = Tensor(images.flatMap(\.floats), [images.count, 2, 6, 6])
    let (plain, rough) = (
      try Evaluator().run(problem.network, [batch])[0].floats,
      try Evaluator().run(graph, [batch])[0].floats
    )
    expectClose(rough, plain, relative: 0, absolute: 0.05)
  }

  /// Rounding weights moves the mean of what a layer makes of data that are not around zero; biases
  /// take that back.
  @Test(arguments: [true, false])
  func biasesTakeBackWhatRoundingAdds(hasBias: Bool) throws {
    var random = Philox(seed: 4)
    func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in random.uniform() } }
    var network = Graph(name: "positive")
    var x = network.addInput("x", TensorType(.float32, [.named("N"), 6, 5, 5]))
    // One large weight makes a filter's steps coarse for the others.
    let weights = numbers(8 * 3 * 9).enumerated().map { $0 % 27 == 0 ? Float(20) : $1 * 0.2 }
    let inputs = [
      network.addWeight("w", Tensor(weights, [8, 3, 3, 3])),
      hasBias ? network.addWeight("b", Tensor(numbers(8))) : nil,
    ]
    x = try network.add(Conv(group: 2), [x] + inputs.prefix(hasBias ? 2 : 1))[0]
    x = try network.add(Flatten(), network.add(GlobalAveragePool(), x))
    let matrix = numbers(8 * 5).enumerated().map { $0 % 5 == 0 ? Float(20) : $1 * 0.2 }
    x = try network.add(Gemm(), x, network.addWeight("m", Tensor(matrix, [8, 5])))
    network.addOutput(x, name: "y")
    let images = Tensor(numbers(40 * 150), [40, 6, 5, 5])
    let split = try PithData.Split(images, labels: nil)
    let context = Context(
      data: TrainingData(train: split, validation: nil, preprocessing: .raw), teacher: network)
    let plain = try means(network, images)
    let errors = try [false, true].map { corrects in
      let graph = try quantized(network, context, "min-max", correctsBiases: corrects)
      return try zip(means(graph, images), plain).map { ($0 - $1).magnitude }.reduce(0, +)
    }
    #expect(errors[1] < errors[0] / 4)
  }

  /// The mean of each output over all images.
  private func means(_ graph: Graph, _ images: Tensor) throws -> [Float] {
    let scores = try Evaluator().run(graph, [images])[0]
    let width = scores.shape[1]
    return (0..<width).map { column in
      stride(from: column, to: scores.count, by: width).reduce(0) { $0 + scores.floats[$1] }
        / Float(scores.shape[0])
    }
  }

  /// Images of every class are watched, though the data are sorted by class.
  @Test func fewSamplesComeFromTheWholeData() throws {
    let problem = try SmallProblem()
    let method = try Quantization(given: ["ranges": .word("min-max"), "samples": .wholeNumber(3)])
    let graph = try method.apply(to: problem.network, problem.context).graph
    let scale = try constant(graph, source(graph, "conv", 0), 1).floats
    let values = try [0, 16, 32].flatMap { try problem.data.train.sample(at: $0).floats }
    expectClose(
      scale, [((values.max() ?? 0) - (values.min() ?? 0)) / 255], relative: 1e-6, absolute: 0)
  }

  /// Ranges that grow from batch to batch end where those do that are wide from the beginning.
  @Test(arguments: rangeEstimators.map { $0.name })
  func rangesDoNotDependOnTheOrderOfSamples(ranges: String) throws {
    let problem = try SmallProblem()
    var random = Philox(seed: 6)
    let images = (0..<96).map { index in
      (0..<72).map { _ in (random.uniform() * 2 - 1) * pow(1.1, Float(index)) }
    }
    let scales = try [images, images.reversed()].map { images in
      let split = try PithData.Split(
        Tensor(images.flatMap(\.self), [96, 2, 6, 6]), labels: nil)
      let data = TrainingData(train: split, validation: nil, preprocessing: .raw)
      let graph = try quantized(
        problem.network, Context(data: data, teacher: problem.network), ranges)
      return try ["conv", "fc"].map { try constant(graph, source(graph, $0, 0), 1).floats[0] }
    }
    expectClose(scales[0], scales[1], relative: 0.02, absolute: 0)
  }

  @Test(arguments: rangeEstimators.map { $0.name })
  func deadChannelsConstantLayersAndDarkImages(ranges: String) throws {
    let problem = try SmallProblem()
    var network = problem.network
    network.setFloats("conv.weight") { weights in
      for index in 0..<18 { weights[index] = 0 }
      for index in 18..<36 { weights[index] = 1e-38 }
    }
    network.setFloats("fc.weight") { weights in
      for index in weights.indices { weights[index] = 0.25 }
    }
    let dark = try PithData.Split(Tensor(.float32, [4, 2, 6, 6]), labels: nil)
    let data = TrainingData(train: dark, validation: nil, preprocessing: .raw)
    for data in [problem.data, data] {
      let graph = try quantized(network, Context(data: data, teacher: network), ranges)
      for node in graph.nodes where node.operator is DequantizeLinear {
        #expect(try constant(graph, node, 1).floats.allSatisfy { $0.isNormal && $0 > 0 })
      }
      let image = try data.train.sample(at: 0).reshaped(to: [1, 2, 6, 6])
      expectClose(
        try Evaluator().run(graph, [image])[0].floats,
        try Evaluator().run(network, [image])[0].floats, relative: 0, absolute: 0.05)
    }
  }

  @Test(arguments: ["conv.weight", "conv.bias", "bn.variance", "fc.weight"])
  func numbersThatAreNone(name: String) throws {
    let problem = try SmallProblem()
    var network = problem.network
    network.setFloats(name) { $0[1] = .nan }
    let error = #expect(throws: CompressionError.self) {
      try quantized(network, problem.context, "mse")
    }
    #expect(error?.description.contains(name) == true)
  }

  @Test func needsDataAndSomethingToDoAndOnlyOnce() throws {
    let problem = try SmallProblem()
    let method = try Quantization(given: [:])
    let error = #expect(throws: CompressionError.self) {
      try method.apply(to: problem.network, problem.contextWithoutData)
    }
    #expect(error?.description.contains("quantization needs data") == true)
    let graph = try method.apply(to: problem.network, problem.context).graph
    #expect(throws: CompressionError.self) { try method.apply(to: graph, problem.context) }
    var empty = Graph(name: "empty")
    let x = empty.addInput("x", TensorType(.float32, [.named("N"), 2, 6, 6]))
    empty.addOutput(try empty.add(Relu(), x))
    let rest = empty
    #expect(throws: CompressionError.self) { try method.apply(to: rest, problem.context) }
  }
}
