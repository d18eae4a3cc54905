import PithData
import PithGraph
import PithKernels
import PithOperators
import PithTensors
import PithTraining

/// Six-by-six images of three classes that a small network can learn, and such a network.
struct SmallProblem {
  var network: Graph
  let data: TrainingData

  /// - Parameters:
  ///   - samples: for training; half as many are added for validation.
  ///   - threads: for the kernels; the problem is too small for more than one to be of use.
  init(samples: Int = 36, threads: Int = 1) throws {
    Threads.count = threads
    network = try Self.network()
    data = TrainingData(
      train: try Self.split(samples, seed: 1), validation: try Self.split(samples / 2, seed: 2),
      preprocessing: .raw)
  }

  /// conv - normalisation - ReLU - normalisation - pool - Gemm - softmax, so that every kind of
  /// parameter and statistic occurs.
  static func network() throws -> Graph {
    var source = GoldenNumbers(seed: 9)
    var graph = Graph(name: "small")
    func ones(_ name: String, _ count: Int, _ value: Float) -> Value {
      graph.addWeight(name, Tensor([Float](repeating: value, count: count)))
    }
    var x = graph.addInput("input", TensorType(.float32, [.named("N"), 2, 6, 6]))
    let weight = graph.addWeight("conv.weight", source.tensor([16, 2, 3, 3], scale: 0.4))
    x = try graph.add(Conv(pads: [1, 1, 1, 1]), x, weight, ones("conv.bias", 16, 0), name: "conv")
    for index in 1...2 {
      let parameters = [
        ones("bn\(index).weight", 16, 1), ones("bn\(index).bias", 16, 0),
        ones("bn\(index).mean", 16, 0), ones("bn\(index).variance", 16, 1),
      ]
      x = try graph.add(BatchNormalization(), [x] + parameters, name: "bn\(index)", outputs: 1)[0]
      if index == 1 { x = try graph.add(Relu(), x) }
    }
    x = try graph.add(Flatten(), graph.add(GlobalAveragePool(), x))
    let matrix = graph.addWeight("fc.weight", source.tensor([3, 16], scale: 0.4))
    x = try graph.add(Gemm(transB: true), x, matrix, ones("fc.bias", 3, 0), name: "fc")
    graph.addOutput(try graph.add(Softmax(axis: -1), x), name: "output")
    return graph
  }

  /// Noise with a brighter third, which is the class.
  static func split(_ count: Int, seed: Int) throws -> PithData.Split {
    var source = GoldenNumbers(seed: seed)
    let labels = (0..<count).map { _ in Int32(source.integer(3)) }
    var values = source.array(count * 72)
    for (index, label) in labels.enumerated() {
      for place in 0..<24 { values[index * 72 + Int(label) * 24 + place] += 0.5 }
    }
    return try PithData.Split(Tensor(values, [count, 2, 6, 6]), labels: labels)
  }

  var settings: TrainingSettings {
    TrainingSettings(epochs: 3, batch: 8, learningRate: 0.05, seed: 4)
  }

  func weight(_ name: String) -> Value { network.value(named: name)! }
}

extension Graph {
  /// Every weight's bits by name.
  var bits: [String: [UInt32]] {
    Dictionary(
      uniqueKeysWithValues: weights.map { (name(of: $0), $1.floats.map(\.bitPattern)) })
  }
}
