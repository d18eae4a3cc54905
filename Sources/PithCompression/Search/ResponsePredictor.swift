import PithData
import PithGraph
import PithKernels
import PithOperators
import PithRuntime
import PithTensors
import PithTraining

/// Small networks that learn from a few examples what comes of numbers given for each layer, and
/// their mean answer.
///
/// Each layer goes through the same two hidden layers, the mean over the layers through a third:
/// what is learnt of one layer is known of those like it, and there may be any number of them.
/// Inputs and targets are brought to mean 0 and deviation 1 over the examples.
package struct ResponsePredictor {
  private let members: [Graph]
  private let inputs: Standardization
  private let targets: Standardization

  /// Networks whose mean is taken: few examples leave much to the weights that one starts from.
  private static let memberCount = 3
  private static let hidden = 24
  private static let epochs = 10
  /// Copies of each example in an epoch: to begin one takes longer than a step does.
  private static let copies = 25

  /// - Parameters:
  ///   - examples: (example, layer, feature); one at least, all of one form.
  ///   - responses: (example, response).
  package init(fitting examples: [[[Double]]], to responses: [[Double]], seed: UInt64) throws {
    inputs = Standardization(examples.flatMap { $0 })
    targets = Standardization(responses)
    let (inputs, targets) = (inputs, targets)
    let known = try Split(
      Self.tensor(examples, inputs),
      targets: Tensor(
        responses.flatMap { targets.apply($0).map(Float.init) },
        [responses.count, responses[0].count]))
    let split = known.subset((0..<Self.copies).flatMap { _ in Array(examples.indices) })
    let data = TrainingData(train: split, validation: nil, preprocessing: .raw)
    members = try (0..<Self.memberCount).map { member in
      let network = try Self.network(
        layers: examples[0].count, features: examples[0][0].count, responses: responses[0].count,
        stream: UInt64(member), seed: seed)
      let settings = TrainingSettings(
        epochs: Self.epochs, batch: examples.count, optimizer: .adamw, learningRate: 0.02,
        schedule: .cosine, weightDecay: 0.01, loss: .meanSquaredError, seed: seed)
      return try Trainer(network, data, settings).run()
    }
  }

  /// The responses expected, (example, response).
  package func callAsFunction(_ examples: [[[Double]]]) throws -> [[Double]] {
    guard !examples.isEmpty else { return [] }
    let tensor = Self.tensor(examples, inputs)
    let answers = try members.map { member in
      try Executable(member.withBatch(examples.count)).run([tensor])[0].floats
    }
    let width = targets.means.count
    return examples.indices.map { row in
      let mean = (0..<width).map { column in
        answers.reduce(0.0) { $0 + Double($1[row * width + column]) } / Double(answers.count)
      }
      return targets.undo(mean)
    }
  }

  /// (N, features, layers, 1).
  private static func tensor(_ examples: [[[Double]]], _ scale: Standardization) -> Tensor {
    let (layers, features) = (examples[0].count, examples[0][0].count)
    var values = [Float](repeating: 0, count: examples.count * features * layers)
    for (row, example) in examples.enumerated() {
      for (layer, numbers) in example.enumerated() {
        for (feature, number) in scale.apply(numbers).enumerated() {
          values[(row * features + feature) * layers + layer] = Float(number)
        }
      }
    }
    return Tensor(values, [examples.count, features, layers, 1])
  }

  /// Two convolutions of extent one, which see each layer alone; the mean; two products.
  private static func network(
    layers: Int, features: Int, responses: Int, stream: UInt64, seed: UInt64
  ) throws -> Graph {
    var random = Philox(seed: seed, stream: Self.stream | stream)
    var graph = Graph(name: "predictor")
    func weight(_ name: String, _ outputs: Int, _ inputs: Int, isKernel: Bool) -> Value {
      let scale = (1 / Float(inputs)).squareRoot()
      let shape: Shape = isKernel ? [outputs, inputs, 1, 1] : [outputs, inputs]
      let drawn = (0..<shape.count).map { _ in random.normal() * scale }
      return graph.addWeight("\(name).weight", Tensor(drawn, shape))
    }
    func bias(_ name: String, _ outputs: Int) -> Value {
      graph.addWeight("\(name).bias", Tensor([Float](repeating: 0, count: outputs)))
    }
    var x = graph.addInput(
      "input", TensorType(.float32, [.named("N"), .fixed(features), .fixed(layers), 1]))
    for (name, inputs) in [("first", features), ("second", hidden)] {
      let operands = [x, weight(name, hidden, inputs, isKernel: true), bias(name, hidden)]
      x = try graph.add(Tanh(), graph.add(Conv(), operands, name: name)[0])
    }
    x = try graph.add(Flatten(), graph.add(GlobalAveragePool(), x))
    let third = [x, weight("third", hidden, hidden, isKernel: false), bias("third", hidden)]
    x = try graph.add(Tanh(), graph.add(Gemm(transB: true), third, name: "third")[0])
    let last = [x, weight("last", responses, hidden, isKernel: false), bias("last", responses)]
    x = try graph.add(Gemm(transB: true), last, name: "last")[0]
    graph.addOutput(x, name: "response")
    return graph
  }

  /// The upper half of the streams that weights are drawn from.
  private static let stream: UInt64 = 0x5345_4103 << 32
}

/// Brings each column of a table to mean 0 and deviation 1.
private struct Standardization {
  let means: [Double]
  private let deviations: [Double]

  init(_ rows: [[Double]]) {
    let count = Double(max(rows.count, 1))
    let columns = rows.first?.indices ?? 0..<0
    let means = columns.map { column in rows.reduce(0) { $0 + $1[column] } / count }
    deviations = columns.map { column in
      let squares = rows.reduce(0.0) {
        $0 + ($1[column] - means[column]) * ($1[column] - means[column])
      }
      let deviation = (squares / count).squareRoot()
      // What is the same everywhere but for rounding says nothing.
      return deviation > 1e-9 * max(1, means[column].magnitude) ? deviation : 1
    }
    self.means = means
  }

  func apply(_ row: [Double]) -> [Double] {
    row.indices.map { (row[$0] - means[$0]) / deviations[$0] }
  }

  func undo(_ row: [Double]) -> [Double] {
    row.indices.map { row[$0] * deviations[$0] + means[$0] }
  }
}
