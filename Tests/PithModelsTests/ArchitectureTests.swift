import Foundation
import PithGraph
import PithModels
import PithONNX
import PithRuntime
import PithTensors
import PithTestSupport
import Testing

/// Networks against the figures that were published for them.
@Suite struct ArchitectureTests {
  struct Published: CustomTestStringConvertible {
    let name: String
    let side: Int
    let channels: Int
    let classes: Int
    let parameters: Int
    /// Multiply-accumulates in millions, to the precision they were published with.
    var millionMACs: Double?
    var width = 1.0

    var testDescription: String { "\(name) \(side)x\(side) to \(classes)" }
  }

  static let published = [
    // Han, Mao and Dally, "Deep Compression": 267 K and 431 K weights.
    Published(name: "lenet-300-100", side: 28, channels: 1, classes: 10, parameters: 266_610),
    Published(
      name: "lenet-5", side: 28, channels: 1, classes: 10, parameters: 431_080, millionMACs: 2.293),
    Published(name: "mnist-cnn", side: 28, channels: 1, classes: 10, parameters: 3_274_634),
    // Howard et al.: 569 M and 4.2 M at 1.0; 325 M and 2.6 M at 0.75.
    Published(
      name: "mobilenet-v1", side: 224, channels: 3, classes: 1000, parameters: 4_231_976,
      millionMACs: 568.7),
    Published(
      name: "mobilenet-v1", side: 224, channels: 3, classes: 1000, parameters: 2_585_560,
      millionMACs: 325.4, width: 0.75),
    Published(name: "mobilenet-v1", side: 32, channels: 3, classes: 10, parameters: 3_217_226),
    // torchvision: 3,504,872 and 300.8 M.
    Published(
      name: "mobilenet-v2", side: 224, channels: 3, classes: 1000, parameters: 3_504_872,
      millionMACs: 300.8),
    Published(name: "mobilenet-v2", side: 32, channels: 3, classes: 10, parameters: 2_236_682),
    // torchvision: 11,689,512 and 1.814 G.
    Published(
      name: "resnet18", side: 224, channels: 3, classes: 1000, parameters: 11_689_512,
      millionMACs: 1814.1),
    Published(
      name: "resnet18", side: 32, channels: 3, classes: 10, parameters: 11_173_962,
      millionMACs: 555.4),
    // He et al., section 4.2: 0.27 M, 0.46 M and 0.85 M parameters.
    Published(
      name: "resnet20", side: 32, channels: 3, classes: 10, parameters: 269_722,
      millionMACs: 40.55),
    Published(name: "resnet32", side: 32, channels: 3, classes: 10, parameters: 464_154),
    Published(
      name: "resnet56", side: 32, channels: 3, classes: 10, parameters: 853_018,
      millionMACs: 125.49),
    // The convolutions of torchvision's VGGs without biases, a layer of ten classes.
    Published(name: "vgg11-bn", side: 32, channels: 3, classes: 10, parameters: 9_228_362),
    Published(
      name: "vgg16-bn", side: 32, channels: 3, classes: 10, parameters: 14_724_042,
      millionMACs: 313.2),
    // Liu et al., "Network slimming": 20.04 M, 398 M multiply-accumulates.
    Published(
      name: "vgg19-bn", side: 32, channels: 3, classes: 10, parameters: 20_035_018,
      millionMACs: 398.1),
  ]

  @Test(arguments: published) func sizes(_ figures: Published) throws {
    let graph = try network(figures)
    #expect(parameters(of: graph) == figures.parameters)
    if let expected = figures.millionMACs {
      let macs = try multiplyAccumulates(of: graph.binding(["N": 1]))
      #expect(abs(Double(macs) / 1e6 - expected) < 0.06)
    }
    #expect(graph.inputs.map(graph.name(of:)) == ["input"])
    #expect(graph.outputs.map(graph.name(of:)) == ["logits"])
    let output = try #require(graph.type(of: graph.outputs[0]))
    #expect(output.dimensions == [.named("N"), .fixed(figures.classes)])
  }

  @Test func everyArchitectureIsMeasured() {
    #expect(Set(architectures.map { $0.name }) == Set(Self.published.map(\.name)))
  }

  @Test func catalogueIsAlphabetical() {
    let words = architectures.map { $0.name }
    #expect(words == words.sorted())
    for word in words { #expect(architecture(named: word)?.name == word) }
    #expect(architecture(named: "lenet-6") == nil)
  }

  /// An architecture is a file of its own, named like its type.
  @Test func everyArchitectureHasItsFile() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources/PithModels")
    let files = try Set(FileManager.default.contentsOfDirectory(atPath: folder.path))
    for type in architectures { #expect(files.contains("\(type).swift")) }
  }

  @Test func seedsDecideTheWeights() throws {
    let size = ImageSize(channels: 1, height: 28, width: 28)
    let first = try LeNet5.network(input: size, classes: 10, seed: 1)
    let again = try LeNet5.network(input: size, classes: 10, seed: 1)
    let other = try LeNet5.network(input: size, classes: 10, seed: 2)
    #expect(
      first.orderedWeights.map { first.weights[$0] }
        == again.orderedWeights.map { again.weights[$0] })
    let name = "fc1.weight"
    let (left, right) = (
      try #require(first.value(named: name)), try #require(other.value(named: name))
    )
    #expect(first.weights[left] != other.weights[right])
  }

  /// The spread of He's distribution: variance 2 / 800 for 800 inputs.
  @Test func weightsHaveTheVarianceOfHe() throws {
    let graph = try LeNet5.network(
      input: ImageSize(channels: 1, height: 28, width: 28), classes: 10, seed: 3)
    let value = try #require(graph.value(named: "fc1.weight"))
    let elements = try #require(graph.weights[value]).doubles
    let mean = elements.reduce(0, +) / Double(elements.count)
    let variance = elements.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(elements.count)
    #expect(abs(mean) < 5e-4)
    #expect(abs(variance * 400 - 1) < 0.02)
  }

  @Test func networksRun() throws {
    for type in architectures {
      let side = max(32, type.smallestSide)
      let graph = try type.network(
        input: ImageSize(channels: 3, height: side, width: side), classes: 7, width: 0.25, seed: 1)
      let executable = try Executable(graph, binding: ["N": 2])
      let image = Tensor(
        (0..<2 * 3 * side * side).map { Float($0 % 17) / 17 }, [2, 3, side, side])
      let logits = try executable.run([image])[0]
      #expect(logits.shape == [2, 7])
      #expect(logits.floats.allSatisfy { $0.isFinite })
      #expect(Set(logits.floats).count > 1)
    }
  }

  /// The weights of the published network fit this one's places, name by name.
  @Test(.enabled(if: sharedData("models/cifar10/resnet20_cifar10.onnx") != nil, "needs models"))
  func residualNetworkHasThePublishedNames() throws {
    let url = try #require(sharedData("models/cifar10/resnet20_cifar10.onnx"))
    let published = try ONNXReader.read(url)
    let own = try ResNet20.network(
      input: ImageSize(channels: 3, height: 32, width: 32), classes: 10, seed: 1)
    for value in own.orderedWeights where own.weights[value]?.dtype == .float32 {
      let twin = try #require(published.value(named: own.name(of: value)))
      #expect(published.type(of: twin) == own.type(of: value))
    }
  }

  @Test func impossibleNetworksAreRefused() {
    let size = ImageSize(channels: 3, height: 32, width: 32)
    #expect(throws: ModelError.self) {
      try VGG16.network(
        input: ImageSize(channels: 3, height: 16, width: 32), classes: 10, seed: 1)
    }
    #expect(throws: ModelError.self) { try VGG16.network(input: size, classes: 0, seed: 1) }
    #expect(throws: ModelError.self) {
      try VGG16.network(input: size, classes: 10, width: .nan, seed: 1)
    }
    #expect(throws: ModelError.self) {
      try VGG16.network(
        input: ImageSize(channels: 0, height: 32, width: 32), classes: 10, seed: 1)
    }
  }

  private func network(_ figures: Published) throws -> Graph {
    let type = try #require(architecture(named: figures.name))
    return try type.network(
      input: ImageSize(channels: figures.channels, height: figures.side, width: figures.side),
      classes: figures.classes, width: figures.width, seed: 1)
  }

  /// Elements of the weights, biases and normalisations; statistics apart.
  private func parameters(of graph: Graph) -> Int {
    var counted: Set<Value> = []
    for node in graph.nodes {
      for (index, input) in node.inputs.enumerated() {
        guard let input, graph.weights[input] != nil else { continue }
        switch node.operator.role(ofInput: index) {
        case .weight, .bias, .normalization: counted.insert(input)
        case .statistic, nil: break
        }
      }
    }
    return counted.reduce(0) { $0 + (graph.weights[$1]?.count ?? 0) }
  }

  private func multiplyAccumulates(of graph: Graph) throws -> Int {
    graph.nodes.reduce(0) { total, node in
      let outputs = node.outputs.compactMap { $0.flatMap { graph.fact(of: $0) } }
      return total + node.operator.cost(graph.inputFacts(of: node), outputs).macs
    }
  }
}
