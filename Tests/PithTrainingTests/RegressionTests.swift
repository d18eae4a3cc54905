import Foundation
import PithData
import PithGraph
import PithKernels
import PithOperators
import PithTensors
import PithTestSupport
import PithTraining
import Testing

/// Networks that give numbers instead of classes.
@Suite("Regression", .serialized)
struct RegressionTests {
  /// What a linear layer of five inputs and three outputs gives for random inputs.
  struct LinearProblem {
    let weight: Tensor
    let bias: Tensor
    var network: Graph
    let train: PithData.Split
    let validation: PithData.Split

    init(noise: Float = 0) throws {
      Threads.count = 1
      var source = GoldenNumbers(seed: 7)
      weight = source.tensor([3, 5])
      bias = source.tensor([3])
      network = Graph(name: "linear")
      let x = network.addInput("x", TensorType(.float32, [.named("N"), 5]))
      let parameters = [
        network.addWeight("weight", Tensor(.float32, [3, 5])),
        network.addWeight("bias", Tensor(.float32, [3])),
      ]
      let y = try network.add(Gemm(transB: true), [x] + parameters, name: "fc")[0]
      network.addOutput(y, name: "y")
      train = try Self.split(64, seed: 1, weight, bias, noise: noise)
      validation = try Self.split(24, seed: 2, weight, bias, noise: 0)
    }

    private static func split(
      _ count: Int, seed: Int, _ weight: Tensor, _ bias: Tensor, noise: Float
    ) throws -> PithData.Split {
      var source = GoldenNumbers(seed: seed)
      let inputs = source.tensor([count, 5])
      let (x, w, b) = (inputs.floats, weight.floats, bias.floats)
      let targets = (0..<count * 3).map { index -> Float in
        let (row, output) = (index / 3, index % 3)
        return (0..<5).reduce(b[output]) { $0 + x[row * 5 + $1] * w[output * 5 + $1] }
      }
      let deviations = source.array(count * 3, scale: noise)
      return try PithData.Split(
        inputs, targets: Tensor(zip(targets, deviations).map { $0 + $1 }, [count, 3]))
    }

    func data(validates: Bool = true) -> TrainingData {
      TrainingData(
        train: train, validation: validates ? validation : nil, preprocessing: .raw)
    }

    var settings: TrainingSettings {
      TrainingSettings(
        epochs: 60, batch: 16, learningRate: 0.1, weightDecay: 0, loss: .meanSquaredError)
    }
  }

  @Test("has the mean of squared differences as its loss, and its gradient")
  func loss() throws {
    var source = GoldenNumbers(seed: 1)
    let (y, target) = (source.tensor([4, 2, 3]), source.tensor([4, 2, 3]))
    var graph = Graph()
    let inputs = ["y", "target"].map { graph.addInput($0, TensorType(.float32, [4, 2, 3])) }
    graph.setOutputs(try graph.add(SquaredError(), inputs))
    let results = try PithTestSupport.Evaluator().run(graph, [y, target])
    let differences = zip(y.doubles, target.doubles).map { $0 - $1 }
    let mean = differences.reduce(0) { $0 + $1 * $1 } / 24
    expectClose(results[0].floats, [Float(mean)])
    expectClose(results[1].floats, differences.map { Float($0 / 12) })
  }

  @Test("finds the layer that made the targets")
  func linear() throws {
    let problem = try LinearProblem()
    let trainer = try Trainer(problem.network, problem.data(), problem.settings)
    let trained = try trainer.run()
    for (name, expected) in [("weight", problem.weight), ("bias", problem.bias)] {
      let value = try #require(trained.value(named: name))
      expectClose(
        try #require(trained.weights[value]).floats, expected.floats, absolute: 1e-3, name)
    }
    let last = try #require(trainer.epochs.last)
    #expect(last.accuracy == nil && last.validation == nil)
    #expect(last.loss < 1e-6)
    #expect(try #require(last.regression).meanSquaredError < 1e-6)
    #expect(last.loss < 1e-4 * trainer.epochs[0].loss)
  }

  @Test("is evaluated by the mean squared error", arguments: [1, 7, 24, 100])
  func evaluation(_ batch: Int) throws {
    let problem = try LinearProblem()
    let result = try RegressionEvaluator(
      problem.network, problem.validation, preprocessing: .raw, batch: batch
    ).run()
    // The network's weights are zero.
    let inputs = try (0..<24).map { try problem.validation.sample(at: $0).doubles }
    let (w, b) = (problem.weight.doubles, problem.bias.doubles)
    var sum = 0.0
    for x in inputs {
      for output in 0..<3 {
        let y = (0..<5).reduce(b[output]) { $0 + x[$1] * w[output * 5 + $1] }
        sum += y * y
      }
    }
    #expect(result.samples == 24)
    expectClose([Float(result.meanSquaredError)], [Float(sum / 72)])
  }

  @Test("keeps the epoch with the least error, and resumes to the same bits")
  func keepsBest() throws {
    let problem = try LinearProblem(noise: 0.5)
    var settings = problem.settings
    settings.epochs = 6
    settings.schedule = .constant
    settings.keepsBest = true
    let straight = try Trainer(problem.network, problem.data(), settings)
    let expected = try straight.run()
    let errors = straight.epochs.compactMap(\.regression?.meanSquaredError)
    let kept = try RegressionEvaluator(expected, problem.validation, preprocessing: .raw).run()
    #expect(errors.count == 6 && kept.meanSquaredError == errors.min())
    let checkpoint = FileManager.default.temporaryDirectory
      .appendingPathComponent("pith-\(UUID().uuidString).checkpoint")
    defer { try? FileManager.default.removeItem(at: checkpoint) }
    let stopped = try Trainer(problem.network, problem.data(), settings)
    stopped.checkpoint = checkpoint
    stopped.shouldStop = { [unowned stopped] in stopped.step == 15 }
    #expect(throws: TrainingError.self) { try stopped.run() }
    let resumed = try Trainer(problem.network, problem.data(), settings)
    resumed.checkpoint = checkpoint
    try resumed.resume()
    #expect(try resumed.run().bits == expected.bits)
  }

  @Test("takes one number a sample for an output of one")
  func scalars() throws {
    var network = Graph()
    let x = network.addInput("x", TensorType(.float32, [.named("N"), 2]))
    let weight = network.addWeight("weight", Tensor([0, 0] as [Float], [2, 1]))
    network.addOutput(try network.add(MatMul(), x, weight), name: "y")
    let inputs = Tensor([1, 0, 0, 1, 1, 1, 2, 1] as [Float], [4, 2])
    let data = TrainingData(
      train: try PithData.Split(inputs, targets: Tensor([2, -1, 1, 3] as [Float])),
      validation: nil, preprocessing: .raw)
    let settings = TrainingSettings(
      epochs: 200, batch: 4, learningRate: 0.1, weightDecay: 0, loss: .meanSquaredError)
    let trained = try Trainer(network, data, settings).run()
    expectClose(try #require(trained.weights[weight]).floats, [2, -1], absolute: 1e-3)
  }

  @Test("refuses what does not fit, and says what does")
  func refusals() throws {
    let problem = try LinearProblem()
    func message(_ body: () throws -> Void) -> String {
      do {
        try body()
        return "no error"
      } catch { return "\(error)" }
    }
    var settings = problem.settings
    settings.loss = .crossEntropy()
    #expect(
      message { _ = try Trainer(problem.network, problem.data(), settings) }.contains("loss mse"))
    let inputs = Tensor(.float32, [8, 5])
    let narrow = TrainingData(
      train: try PithData.Split(inputs, targets: Tensor(.float32, [8, 2])), validation: nil,
      preprocessing: .raw)
    let text = message { _ = try Trainer(problem.network, narrow, problem.settings) }
    #expect(text.contains("gives 3 a sample but the targets are 2"), "\(text)")
    let unlabelled = try PithData.Split(inputs, labels: nil)
    #expect(
      message {
        _ = try RegressionEvaluator(problem.network, unlabelled, preprocessing: .raw)
      }.contains("no targets"))
    #expect(
      message {
        _ = try PithTraining.Evaluator(problem.network, problem.train, preprocessing: .raw)
      }.contains("no labels"))
    #expect(
      message { _ = try PithData.Split(inputs, targets: Tensor(.float32, [7, 2])) }
        .contains("8 samples but targets"))
  }
}
