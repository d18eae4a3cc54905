import PithData
import PithGraph
import PithOperators
import PithTensors
import PithTestSupport
import PithTraining
import Testing

@Suite("Refreshing running statistics")
struct StatisticsTests {
  @Test("gives the data's mean and unbiased variance, whatever stood there before")
  func values() throws {
    var graph = Graph()
    let input = graph.addInput("input", TensorType(.float32, [.named("N"), 2, 2, 2]))
    let names = ["scale", "shift", "mean", "variance"]
    let parameters = names.map { graph.addWeight($0, Tensor([5, .nan] as [Float])) }
    let normalized = try graph.add(BatchNormalization(), [input] + parameters, outputs: 1)[0]
    graph.addOutput(try graph.add(Flatten(), normalized))
    var source = GoldenNumbers(seed: 6)
    let images = source.tensor([6, 2, 2, 2], scale: 3, offset: 1)
    let refreshed = try graph.refreshingStatistics(
      on: PithData.Split(images, labels: nil), preprocessing: .raw, batch: 6, batches: 2)
    for channel in 0..<2 {
      let numbers = images.doubles.enumerated().filter { $0.offset / 4 % 2 == channel }
        .map(\.element)
      let mean = numbers.reduce(0, +) / 24
      let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 23
      let found = parameters[2...].map { refreshed.weights[$0]!.floats[channel] }
      expectClose(found, [Float(mean), Float(variance)])
    }
    #expect(refreshed.weights[parameters[0]]?.floats[0] == 5)
  }

  @Test("makes up for weights that were scaled")
  func scaledWeights() throws {
    let problem = try SmallProblem(samples: 120)
    var settings = problem.settings
    settings.epochs = 6
    let trained = try Trainer(problem.network, problem.data, settings).run()
    let weight = problem.weight("conv.weight")
    var scaled = trained
    scaled.setWeight(
      weight,
      Tensor(
        trained.weights[weight]!.floats.enumerated().map { index, number in
          number * (index / 18 % 2 == 0 ? 20 : 0.5)
        }, [16, 2, 3, 3]))
    let validation = try #require(problem.data.validation)
    func loss(_ graph: Graph) throws -> Double {
      try Evaluator(graph, validation, preprocessing: .raw).run().loss
    }
    let refreshed = try scaled.refreshingStatistics(
      on: problem.data.train, preprocessing: .raw, batch: 60, batches: 4)
    #expect(try loss(scaled) > 2 * loss(trained))
    #expect(try loss(refreshed) < 1.1 * loss(trained))
    #expect(refreshed.weights[weight] == scaled.weights[weight])
  }

  @Test("leaves a network without normalisation alone")
  func none() throws {
    var graph = Graph()
    let input = graph.addInput("input", TensorType(.float32, [.named("N"), 2]))
    graph.addOutput(try graph.add(Relu(), input))
    let split = try PithData.Split(Tensor(.float32, [4, 2]), labels: nil)
    let refreshed = try graph.refreshingStatistics(on: split, preprocessing: .raw)
    #expect(refreshed.nodes.count == 1)
  }
}
