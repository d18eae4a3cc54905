import PithData
import PithGraph
import PithKernels
import PithModels
import PithTensors
import PithTestSupport
import PithTraining
import Testing

/// Five steps of stochastic gradient descent against PyTorch's.
@Suite("Training steps")
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
    let weights: [String: Weight]
  }

  @Test("agree with PyTorch", arguments: ["lenet-5", "resnet20"], [1, 2])
  func steps(_ name: String, threads: Int) throws {
    Threads.count = threads
    defer { Threads.count = 1 }
    let expected = try goldenFile(name, as: Expected.self)
    let image = name == "lenet-5" ? Shape([1, 28, 28]) : [3, 32, 32]
    let network = try initialized(
      #require(architecture(named: name)).network(
        input: ImageSize(channels: image[0], height: image[1], width: image[2]), classes: 10,
        seed: 1))
    var source = GoldenNumbers(seed: expected.seed)
    let images = source.tensor(Shape([40] + image.dimensions), scale: 0.5, offset: 0.5)
    let labels = (0..<40).map { _ in Int32(source.integer(10)) }
    let settings = TrainingSettings(
      epochs: 1, batch: 8, optimizer: .sgd, learningRate: expected.rate, schedule: .constant,
      weightDecay: expected.decay, seed: 3)
    let trainer = try Trainer(
      network,
      TrainingData(
        train: PithData.Split(images, labels: labels), validation: nil,
        preprocessing: .raw), settings)
    var sums = [0.0]
    trainer.didStep = { sums.append($0.loss * Double($0.step)) }
    let trained = try trainer.run()
    let losses = zip(sums.dropFirst(), sums).map { Float($0 - $1) }
    expectClose(losses, expected.losses.map { Float($0) }, relative: 1e-4, "losses")
    #expect(Int((trainer.epochs[0].accuracy * 40).rounded()) == expected.right)
    try compare(trained, with: expected)
  }

  /// Weights drawn as the script draws them, one generator for each by the order of names.
  private func initialized(_ network: Graph) throws -> Graph {
    var network = network
    let named = network.weights.filter { $0.value.dtype == .float32 }
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

  private func compare(_ trained: Graph, with expected: Expected) throws {
    for (name, weight) in expected.weights {
      let value = try #require(trained.value(named: name))
      let actual = try #require(trained.weights[value]).floats
      let size = length(actual)
      #expect((size - weight.norm).magnitude < 1e-4 * weight.norm, "norm of \(name)")
      let step = max(1, actual.count / 24)
      let samples = stride(from: 0, to: actual.count, by: step).map { actual[$0] }
      let difference = length(zip(samples, weight.samples).map { $0 - $1 })
      let share = (Double(samples.count) / Double(actual.count)).squareRoot()
      #expect(difference < 1e-4 * length(weight.samples), "\(name)")
      #expect(difference < 0.03 * weight.moved * share, "the way of \(name)")
    }
  }

  private func length(_ numbers: [Float]) -> Double {
    numbers.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}
