import PithCompression
import PithData
import PithGraph
import PithOperators
import PithTensors
import PithTraining

/// Six-by-six images of three classes, a network that can learn them, and what a method may use.
struct SmallProblem {
  var network: Graph
  let data: TrainingData

  init(samples: Int = 48) throws {
    network = try Self.network()
    data = TrainingData(train: try Self.split(samples), validation: nil, preprocessing: .raw)
  }

  var context: Context { Context(data: data, teacher: network, seed: 5) }
  var contextWithoutData: Context { Context(data: nil, teacher: network) }

  func weight(_ name: String) -> Value { network.value(named: name)! }

  /// conv - normalisation - ReLU - pool - Gemm.
  private static func network() throws -> Graph {
    var random = Philox(seed: 3)
    var graph = Graph(name: "small")
    func drawn(_ name: String, _ shape: Shape, scale: Float = 0.4) -> Value {
      graph.addWeight(
        name, Tensor((0..<shape.count).map { _ in (random.uniform() * 2 - 1) * scale }, shape))
    }
    func filled(_ name: String, _ count: Int, _ value: Float) -> Value {
      graph.addWeight(name, Tensor([Float](repeating: value, count: count)))
    }
    var x = graph.addInput("input", TensorType(.float32, [.named("N"), 2, 6, 6]))
    x = try graph.add(
      Conv(pads: [1, 1, 1, 1]), x, drawn("conv.weight", [16, 2, 3, 3]),
      filled("conv.bias", 16, 0.1), name: "conv")
    let statistics = [
      filled("bn.weight", 16, 1), filled("bn.bias", 16, 0), filled("bn.mean", 16, 0.05),
      filled("bn.variance", 16, 0.5),
    ]
    x = try graph.add(BatchNormalization(), [x] + statistics, name: "bn", outputs: 1)[0]
    x = try graph.add(Flatten(), graph.add(GlobalAveragePool(), graph.add(Relu(), x)))
    let features = drawn("fc.weight", [3, 16])
    x = try graph.add(Gemm(transB: true), x, features, filled("fc.bias", 3, 0), name: "fc")
    graph.addOutput(x, name: "output")
    return graph
  }

  /// Noise with a brighter third, which is the class; sorted by class.
  private static func split(_ count: Int) throws -> PithData.Split {
    var random = Philox(seed: 8)
    let labels = (0..<count).map { Int32($0 * 3 / count) }
    var values = (0..<count * 72).map { _ in random.uniform() * 2 - 1 }
    for (index, label) in labels.enumerated() {
      for place in 0..<24 { values[index * 72 + Int(label) * 24 + place] += 0.5 }
    }
    return try PithData.Split(Tensor(values, [count, 2, 6, 6]), labels: labels)
  }
}

extension CompressionMethod {
  /// The method with some of its settings.
  init(given: [String: SettingValue]) throws {
    try self.init(SettingValues(Self.settings, given: given))
  }
}

extension Graph {
  func floats(_ name: String) -> [Float] { value(named: name).flatMap { weights[$0] }!.floats }

  mutating func setFloats(_ name: String, _ body: (inout [Float]) -> Void) {
    let value = self.value(named: name)!
    var floats = weights[value]!.floats
    body(&floats)
    setWeight(value, Tensor(floats, weights[value]!.shape))
  }
}
