import Foundation
import PithData
import PithGraph
import PithKernels
import PithModels
import PithONNX
import PithTensors
import PithTestSupport
import PithTraining
import Testing

/// Steps of stochastic gradient descent against PyTorch's, in each kind of network.
@Suite("Training steps", .serialized)
struct TrainingStepsTests {
  struct Expected: Decodable {
    struct Weight: Decodable {
      let norm: Double
      /// Length of the way from the initial value.
      let moved: Double
      let samples: [Float]
    }
    let rate: Double
    let decay: Double
    let seed: Int
    let losses: [Double]
    let right: Int
    /// About as many elements of each weight are stored.
    let places: Int
    /// The share of a weight's way by which it may be elsewhere.
    let way: Double
    /// The share of a loss or weight by which it may be off.
    let relative: Double
    let weights: [String: Weight]
  }

  /// A network, and what is special about its data.
  struct Subject: Sendable, CustomTestStringConvertible {
    let name: String
    var sample: Shape = [3, 32, 32]
    var width = 1.0
    /// The shape of a sample's target, where the network does not tell classes.
    var target: Shape?

    var testDescription: String { name }

    /// A built-in architecture with its weights drawn as the script draws them, or an ONNX file.
    func network() throws -> Graph {
      if let type = architecture(named: name) {
        let image = ImageSize(channels: sample[0], height: sample[1], width: sample[2])
        return initialized(try type.network(input: image, classes: 10, width: width, seed: 1))
      }
      return try ONNXReader.read(
        #require(
          Bundle.module.url(forResource: name, withExtension: "onnx", subdirectory: "Fixtures")))
    }

    /// Samples and answers drawn as the script draws them.
    func split(_ count: Int, seed: Int) throws -> PithData.Split {
      var source = GoldenNumbers(seed: seed)
      let samples = source.tensor(Shape([count] + sample.dimensions), scale: 0.5, offset: 0.5)
      guard let target else {
        return try PithData.Split(
          samples, labels: (0..<count).map { _ in Int32(source.integer(10)) })
      }
      return try PithData.Split(
        samples, targets: source.tensor(Shape([count] + target.dimensions)))
    }

    /// Each weight from a generator of its own, by the order of names.
    private func initialized(_ network: Graph) -> Graph {
      var network = network
      let named = network.weights.filter { $0.value.dtype == .float32 && $0.value.shape.rank > 0 }
        .map { (network.name(of: $0.key), $0.key, $0.value.shape) }.sorted { $0.0 < $1.0 }
      for (index, (name, value, shape)) in named.enumerated() {
        var source = GoldenNumbers(seed: index + 1)
        let tensor =
          if shape.rank > 1 {
            source.tensor(
              shape, scale: Float((3 / Double(shape.dimensions[1...].reduce(1, *))).squareRoot()))
          } else if name.hasSuffix("running_var") || name.hasSuffix("weight") {
            source.tensor(shape, scale: 0.25, offset: 1)
          } else {
            source.tensor(shape, scale: 0.1)
          }
        network.setWeight(value, tensor)
      }
      return network
    }
  }

  static let subjects = [
    Subject(name: "lenet-5", sample: [1, 28, 28]),
    Subject(name: "resnet20"),
    Subject(name: "resnet56", width: 0.5),
    Subject(name: "vgg16-bn", width: 0.25),
    Subject(name: "mobilenet-v1", width: 0.25),
    Subject(name: "mobilenet-v2", width: 0.25),
    Subject(name: "encoder-decoder", sample: [3, 16, 16], target: [2, 16, 16]),
    Subject(name: "transformer", sample: [12, 10]),
  ]

  /// Learns from sequences that mean something; see `recurrent`.
  static let sequences = Subject(name: "lstm", sample: [12, 10])

  @Test("agree with PyTorch", arguments: subjects + [sequences], [1, 2])
  func steps(_ subject: Subject, threads: Int) throws {
    Threads.count = threads
    defer { Threads.count = 1 }
    let expected = try goldenFile(subject.name, as: Expected.self)
    let count = 8 * expected.losses.count
    let settings = TrainingSettings(
      epochs: 1, batch: 8, optimizer: .sgd, learningRate: expected.rate, schedule: .constant,
      weightDecay: expected.decay,
      loss: subject.target == nil ? .crossEntropy() : .meanSquaredError, seed: 3,
      usesDropout: false)
    let trainer = try Trainer(
      subject.network(),
      TrainingData(
        train: subject.split(count, seed: expected.seed), validation: nil, preprocessing: .raw),
      settings)
    var sums = [0.0]
    trainer.didStep = { sums.append($0.loss * Double($0.step)) }
    let trained = try trainer.run()
    let losses = zip(sums.dropFirst(), sums).map { Float($0 - $1) }
    expectClose(
      losses, expected.losses.map { Float($0) }, relative: Float(expected.relative), "losses")
    if subject.target == nil {
      let accuracy = try #require(trainer.epochs[0].accuracy)
      #expect(Int((accuracy * Double(count)).rounded()) == expected.right)
    }
    try compare(trained, with: expected)
  }

  @Test("bring the loss down", arguments: subjects)
  func fifty(_ subject: Subject) throws {
    Threads.count = 1
    let settings = TrainingSettings(
      epochs: 10, batch: 8, optimizer: .adam, learningRate: 0.002, schedule: .constant,
      loss: subject.target == nil ? .crossEntropy() : .meanSquaredError, seed: 3)
    let trainer = try Trainer(
      subject.network(),
      TrainingData(train: subject.split(40, seed: 1), validation: nil, preprocessing: .raw),
      settings)
    _ = try trainer.run()
    #expect(trainer.step == 50)
    let losses = trainer.epochs.map(\.loss)
    #expect(losses[9] < 0.8 * losses[0], "\(losses)")
  }

  @Test("teach two layers of LSTM which feature stands out in a noisy sequence")
  func recurrent() throws {
    Threads.count = 1
    var source = GoldenNumbers(seed: 5)
    let labels = (0..<40).map { _ in Int32(source.integer(10)) }
    var samples = source.tensor([40, 12, 10], scale: 0.5)
    samples.update(as: Float.self) { elements in
      for (sample, label) in labels.enumerated() {
        for step in 0..<12 { elements[(sample * 12 + step) * 10 + Int(label)] += 1 }
      }
    }
    let settings = TrainingSettings(
      epochs: 10, batch: 8, optimizer: .adam, learningRate: 0.02, schedule: .constant,
      loss: .crossEntropy(), seed: 3)
    let trainer = try Trainer(
      Self.sequences.network(),
      TrainingData(
        train: PithData.Split(samples, labels: labels), validation: nil, preprocessing: .raw),
      settings)
    _ = try trainer.run()
    let losses = trainer.epochs.map(\.loss)
    #expect(losses[9] < 0.2 * losses[0], "\(losses)")
  }

  private func compare(_ trained: Graph, with expected: Expected) throws {
    for (name, weight) in expected.weights {
      let value = try #require(trained.value(named: name))
      let actual = try #require(trained.weights[value]).floats
      let size = length(actual)
      #expect((size - weight.norm).magnitude < expected.relative * weight.norm, "norm of \(name)")
      let step = max(1, actual.count / expected.places)
      let samples = stride(from: 0, to: actual.count, by: step).map { actual[$0] }
      let difference = length(zip(samples, weight.samples).map { $0 - $1 })
      let share = (Double(samples.count) / Double(actual.count)).squareRoot()
      #expect(difference < expected.relative * length(weight.samples), "\(name)")
      // Beside a way of a few roundings of the weight itself.
      let rounding = 5e-7 * length(weight.samples)
      #expect(difference < expected.way * weight.moved * share + rounding, "the way of \(name)")
    }
  }

  private func length(_ numbers: [Float]) -> Double {
    numbers.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}
