import PithCompression
import PithData
import PithGraph
import PithOperators
import PithTensors
import PithTraining

/// Eight-by-eight images of four classes, and a network with one residual block: a stream of
/// channels that two convolutions make and two layers read, and the channels inside the block.
struct ResidualProblem {
  let network: Graph
  let data: TrainingData

  init(samples: Int = 128, width: Int = 32) throws {
    network = try Self.network(width)
    data = TrainingData(
      train: try Self.split(samples, stream: 1), validation: try Self.split(64, stream: 2),
      preprocessing: .raw)
  }

  var context: Context { Context(data: data, teacher: network, seed: 5) }

  private static func network(_ width: Int) throws -> Graph {
    var random = Philox(seed: 3)
    var graph = Graph(name: "residual")
    func drawn(_ name: String, _ shape: Shape) -> Value {
      let scale = (2 / Float(shape.count / shape[0])).squareRoot()
      return graph.addWeight(
        name, Tensor((0..<shape.count).map { _ in random.normal() * scale }, shape))
    }
    func layer(_ name: String, _ x: Value, from inputs: Int) throws -> Value {
      let y = try graph.add(
        Conv(pads: [1, 1, 1, 1]), x, drawn("\(name).weight", [width, inputs, 3, 3]), name: name)
      let parameters = [1, 0, 0, 1].enumerated().map { index, value in
        graph.addWeight(
          "\(name).bn\(index)", Tensor([Float](repeating: value, count: width)))
      }
      return try graph.add(BatchNormalization(), [y] + parameters, outputs: 1)[0]
    }
    let input = graph.addInput("input", TensorType(.float32, [.named("N"), 3, 8, 8]))
    let stem = try graph.add(Relu(), layer("stem", input, from: 3))
    let inner = try graph.add(Relu(), layer("first", stem, from: width))
    let sum = try graph.add(Add(), layer("second", inner, from: width), stem)
    let features = try graph.add(Flatten(), graph.add(GlobalAveragePool(), graph.add(Relu(), sum)))
    let logits = try graph.add(
      Gemm(transB: true), features, drawn("fc.weight", [4, width]),
      graph.addWeight("fc.bias", Tensor([Float](repeating: 0, count: 4))), name: "fc")
    graph.addOutput(logits, name: "output")
    return graph
  }

  /// Noise with a brighter pair of rows, which is the class.
  private static func split(_ count: Int, stream: UInt64) throws -> PithData.Split {
    var random = Philox(seed: 8, stream: stream)
    let labels = (0..<count).map { Int32($0 % 4) }
    var values = (0..<count * 192).map { _ in random.uniform() * 2 - 1 }
    for (index, label) in labels.enumerated() {
      for channel in 0..<3 {
        for place in 0..<16 { values[index * 192 + channel * 64 + Int(label) * 16 + place] += 0.7 }
      }
    }
    return try PithData.Split(Tensor(values, [count, 3, 8, 8]), labels: labels)
  }
}
