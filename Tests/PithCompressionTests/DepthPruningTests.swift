import Foundation
import PithCompression
import PithData
import PithGraph
import PithModels
import PithONNX
import PithOperators
import PithRuntime
import PithTensors
import PithTestSupport
import PithTraining
import Testing

/// Residual branches that go as a whole.
@Suite struct DepthPruningTests {
  private let problem: ResidualProblem
  private let network: Graph

  init() throws {
    problem = try ResidualProblem(samples: 64, width: 8)
    network = try Self.deepNetwork()
  }

  /// Four blocks of two convolutions: the third with a convolution on its other side too, the last
  /// twice as wide inside. What the first and the second add is small and smaller.
  private static func deepNetwork() throws -> Graph {
    var random = Philox(seed: 11)
    var graph = Graph(name: "deep")
    func convolution(_ name: String, _ x: Value, _ inputs: Int, _ outputs: Int, _ scale: Float = 1)
      throws -> Value
    {
      let shape: Shape = [outputs, inputs, 3, 3]
      let deviation = scale * (2 / Float(inputs * 9)).squareRoot()
      let weight = graph.addWeight(
        "\(name).weight", Tensor((0..<shape.count).map { _ in random.normal() * deviation }, shape))
      let bias = graph.addWeight(
        "\(name).bias", Tensor((0..<outputs).map { _ in random.normal() * scale * 0.1 }))
      return try graph.add(Conv(pads: [1, 1, 1, 1]), x, weight, bias, name: name)
    }
    let input = graph.addInput("input", TensorType(.float32, [.named("N"), 3, 8, 8]))
    var x = try graph.add(Relu(), convolution("stem", input, 3, 8))
    let blocks: [(inner: Int, scale: Float, hasShortcut: Bool)] = [
      (8, 0.1, false), (8, 0.02, false), (8, 1, true), (16, 0.5, false),
    ]
    for (index, block) in blocks.enumerated() {
      let inner = try graph.add(Relu(), convolution("block\(index).a", x, 8, block.inner))
      let branch = try convolution("block\(index).b", inner, block.inner, 8, block.scale)
      let other = block.hasShortcut ? try convolution("block\(index).shortcut", x, 8, 8) : x
      x = try graph.add(
        Relu(), graph.add(Add(), branch, other, name: "block\(index).sum"),
        name: "block\(index).relu")
    }
    let features = try graph.add(Flatten(), graph.add(GlobalAveragePool(), x))
    let weight = graph.addWeight(
      "fc.weight", Tensor((0..<32).map { _ in random.normal() * 0.5 }, [4, 8]))
    graph.addOutput(try graph.add(Gemm(transB: true), features, weight, name: "fc"), name: "output")
    return graph
  }

  private func pruned(_ settings: [String: SettingValue], timer: (any LatencyTimer)? = nil) throws
    -> Outcome
  {
    var context = Context(data: problem.data, teacher: network, seed: 5)
    if let timer { context.timer = timer }
    return try DepthPruning(given: ["epochs": .wholeNumber(0)].merging(settings) { $1 })
      .apply(to: network, context)
  }

  private func answers(_ graph: Graph) throws -> [[Float]] {
    let split = problem.data.train
    let samples = try (0..<split.count).map { try split.sample(at: $0) }
    return try samples.map { sample in
      let shaped = Tensor(sample.floats, [1, 3, 8, 8])
      let type = TensorType(.float32, shaped.shape)
      return try Executable(graph.binding(inputs: [type])).run([shaped])[0].floats
    }
  }

  /// What the softmax of one network's answers tells about that of another's, in nats.
  private func divergence(_ p: [[Float]], _ q: [[Float]]) -> Double {
    func logarithms(_ scores: [Float]) -> [Double] {
      let sum = log(scores.reduce(0) { $0 + exp(Double($1)) })
      return scores.map { Double($0) - sum }
    }
    let each = zip(p, q).map { p, q in
      zip(logarithms(p), logarithms(q)).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
    }
    return each.reduce(0, +) / Double(each.count)
  }

  /// The network in which what convolutions give is zero.
  private func silent(_ names: [String]) -> Graph {
    var graph = network
    for name in names.flatMap({ ["\($0).weight", "\($0).bias"] }) {
      graph.setFloats(name) { for index in $0.indices { $0[index] = 0 } }
    }
    return graph
  }

  private func names(_ graph: Graph) -> Set<String> {
    Set(graph.nodes.filter { $0.operator is Conv }.map(\.name))
  }

  private let blocks = ["block0", "block1", "block2", "block3"].map { ["\($0).a", "\($0).b"] }

  @Test("The branch of the least divergence per multiply-accumulate goes first, then the next")
  func order() throws {
    // A convolution of 8 by 8 channels, of which the stem has 3 / 8.
    let unit = 8 * 8 * 9 * 64
    let total = Double(11 * unit + 3 * unit / 8 + 32)
    let sides = blocks + [["block2.shortcut"]]
    let costs = [2, 2, 2, 4, 1].map { Double($0 * unit) }
    let whole = try answers(network)
    for removed in [1, 2, 3] {
      // Greedily, with the layers silenced instead of removed.
      let goal = total - Double(2 * removed * unit)
      var (gone, left) = ([Int](), total)
      while left > goal + 1 {
        let harms = try sides.indices.map { side in
          // Once one side of the third sum is gone there is no sum.
          if gone.contains(side) || (side == 4 && gone.contains(2))
            || (side == 2 && gone.contains(4))
          {
            return Double.infinity
          }
          let answers = try answers(silent((gone + [side]).flatMap { sides[$0] }))
          return divergence(whole, answers) / min(costs[side], left - goal)
        }
        let next = try #require(harms.indices.min { harms[$0] < harms[$1] })
        gone.append(next)
        left -= costs[next]
      }
      let outcome = try pruned(["macs": .number((goal + 1) / total)])
      let expected = Set(gone.flatMap { sides[$0] })
      #expect(names(outcome.graph) == names(network).subtracting(expected), "\(gone)")
      let (given, wanted) = (try answers(outcome.graph), try answers(silent(Array(expected))))
      for (given, wanted) in zip(given.joined(), wanted.joined()) {
        #expect(abs(given - wanted) < 1e-5 * max(1, abs(wanted)))
      }
    }
  }

  @Test("What a rectifier gives is not rectified again") func rectifiers() throws {
    let outcome = try pruned(["macs": .number(0.85)])
    #expect(!names(outcome.graph).contains("block1.b"))
    let rectifiers = outcome.graph.nodes.count { $0.operator is Relu }
    let convolutions = names(outcome.graph).count
    // One behind the stem, one in each block and one behind its sum.
    #expect(rectifiers == 1 + 2 * (convolutions - 2) / 2)
  }

  @Test("Nodes that are named stay") func skip() throws {
    let outcome = try pruned([
      "macs": .number(0.85), "skip": .list([.word("block1*"), .word("block0.a")]),
    ])
    #expect(names(outcome.graph).isSuperset(of: ["block0.a", "block0.b", "block1.a", "block1.b"]))
    #expect(names(outcome.graph).count < names(network).count)
  }

  @Test("Parameters and measured time are budgets too; what cannot be had is told")
  func budgets() throws {
    func parameters(_ graph: Graph) throws -> Double {
      Double(StructureCost(try graph.withKnownShapes()).total.parameters)
    }
    let smaller = try pruned(["parameters": .number(0.7)]).graph
    #expect(try parameters(smaller) <= 0.7 * parameters(network))
    let timer = SyntheticTimer()
    let timed = try pruned(["latency": .number(0.8)], timer: timer).graph
    let share = LatencyComparison([network, timed], timer).share(of: 1) ?? 1
    #expect(share <= 0.8 && share > 0.6)
    let least = try pruned(["macs": .number(0.01)])
    #expect(least.warnings.contains { $0.contains("1.0 % were asked for") }, "\(least.warnings)")
    #expect(throws: SettingError.self) {
      try pruned(["macs": .number(0.5), "latency": .number(0.5)])
    }
  }

  @Test("Training goes on from the smaller network") func training() throws {
    let outcome = try pruned(["macs": .number(0.7), "epochs": .wholeNumber(2)])
    #expect(outcome.epochs.count == 2)
    #expect(outcome.epochs[1].loss < outcome.epochs[0].loss)
  }

  @Test("Without data, or without sums, it is told what is missing") func errors() throws {
    #expect(throws: CompressionError.self) {
      try DepthPruning(given: [:]).apply(to: network, Context(data: nil, teacher: network))
    }
    let chain = try SmallProblem()
    let error = #expect(throws: CompressionError.self) {
      try DepthPruning(given: ["epochs": .wholeNumber(0)]).apply(to: chain.network, chain.context)
    }
    #expect(error?.description.contains("no sum of two values") == true)
  }

  @Test(
    "Branches of usual networks can go",
    arguments: ["resnet20", "mobilenet-v2"])
  func architectures(_ name: String) throws {
    let kind = try #require(architecture(named: name))
    let size = ImageSize(channels: 3, height: 32, width: 32)
    let (whole, outcome) = try pruned(
      kind.network(input: size, classes: 10, seed: 2), [3, 32, 32], keeping: 0.7)
    #expect(try macs(outcome.graph) <= 0.7 * macs(whole))
  }

  /// Whatever can go goes.
  @Test("Branches of networks put together by chance can go", arguments: 1...12)
  func random(_ seed: UInt64) throws {
    let blocks: [RandomNetwork.Block] = [.attention, .residual, .projected, .encoderDecoder]
    let network = try RandomNetwork(seed: seed, blocks: blocks).graph
    let (whole, outcome) = try pruned(network, [3, 4, 4], keeping: 0.001)
    #expect(try macs(outcome.graph) < macs(whole))
    // Neither the attention nor what follows it inside its stream.
    #expect(whole.nodes.contains { $0.operator is Gelu })
    #expect(!outcome.graph.nodes.contains { $0.operator is Softmax || $0.operator is Gelu })
  }

  @Test(
    "Branches of pretrained networks can go",
    .enabled(if: sharedData("models") != nil, "needs the shared data: models/"),
    arguments: ["cifar10/resnet32_cifar10", "mlperf_tiny/resnet8_cifar10_mlperftiny"])
  func pretrained(_ path: String) throws {
    let url = try #require(sharedData("models/\(path).onnx"))
    let (whole, outcome) = try pruned(ONNXReader.read(url), [3, 32, 32], keeping: 0.7)
    #expect(try macs(outcome.graph) <= 0.7 * macs(whole))
  }

  /// The network and what is left of it; the method itself compares that with the network whose
  /// branches are silent.
  private func pruned(_ network: Graph, _ sample: [Int], keeping share: Double) throws -> (
    whole: Graph, outcome: Outcome
  ) {
    var random = Philox(seed: 6)
    let shape = Shape([8] + sample)
    let images = Tensor((0..<shape.count).map { _ in random.normal() }, shape)
    let data = TrainingData(
      train: try PithData.Split(images, labels: nil), validation: nil, preprocessing: .raw)
    let method = try DepthPruning(given: ["epochs": .wholeNumber(0), "macs": .number(share)])
    return (network, try method.apply(to: network, Context(data: data, teacher: network)))
  }

  private func macs(_ graph: Graph) throws -> Double {
    Double(StructureCost(try graph.withKnownShapes()).total.macs)
  }
}
