import Foundation
import PithData
import PithGraph
import PithKernels
import PithOperators
import PithRuntime
import PithTensors
import PithTestSupport
import PithTraining
import Testing

@Suite("Active dropout", .serialized)
struct DropoutTests {
  private func run(
    _ x: Tensor, ratio: Float, seed: UInt64 = 5, stream: UInt32 = 2, step: Int32 = 1
  ) throws -> [Float] {
    var graph = Graph()
    let inputs = [
      graph.addInput("x", TensorType(.float32, x.shape)),
      graph.addInput("step", TensorType(.int32, [] as Shape)),
    ]
    let dropout = DropoutTraining(ratio: ratio, seed: seed, stream: stream)
    graph.addOutput(try graph.add(dropout, inputs)[0])
    return try PithTestSupport.Evaluator().run(graph, [x, Tensor([step], [])])[0].floats
  }

  @Test("drops what the published generator says", arguments: [1, 63, 64, 65, 1001])
  func places(_ count: Int) throws {
    let seed: UInt64 = 0x1234_5678_9abc_def0
    let x = Tensor([Float](repeating: 3, count: count))
    let actual = try run(x, ratio: 0.25, seed: seed, step: 7)
    let expected = (0..<count).map { index -> Float in
      let block = Philox.block(counter: (UInt64(index / 4), 7 | 2 << 32), key: seed)
      return block[index % 4] >= 1 << 30 ? 4 : 0
    }
    #expect(actual == expected)
  }

  @Test("drops the same whatever the number of threads")
  func threads() throws {
    let x = Tensor([Float](repeating: 1, count: 100_001))
    defer { Threads.count = 1 }
    let results = try [1, 2, 3, 8].map { threads in
      Threads.count = threads
      return try run(x, ratio: 0.5)
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test("drops its share of the elements, all or nothing at the ends")
  func shares() throws {
    let x = Tensor([Float](repeating: 1, count: 40_000))
    for ratio: Float in [0.1, 0.5, 0.9] {
      let y = try run(x, ratio: ratio)
      let kept = Float(y.count { $0 != 0 }) / 40_000
      #expect((kept - (1 - ratio)).magnitude < 0.01)
      expectClose([y.first { $0 != 0 } ?? 0], [1 / (1 - ratio)])
    }
    #expect(try run(x, ratio: 0) == x.floats)
    #expect(try run(x, ratio: 1).allSatisfy { $0 == 0 })
  }

  @Test("drops other elements in each layer, step and job")
  func independence() throws {
    let x = Tensor([Float](repeating: 1, count: 10_000))
    let masks = [
      try run(x, ratio: 0.5), try run(x, ratio: 0.5, step: 2), try run(x, ratio: 0.5, stream: 3),
      try run(x, ratio: 0.5, seed: 6),
    ]
    for (first, second) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] {
      let agreements = zip(masks[first], masks[second]).count { $0 == $1 }
      // Half of them, within five standard deviations.
      #expect((4750...5250).contains(agreements))
    }
  }

  /// The step number is state that the graph counts up itself.
  @Test("keeps the expectation over steps")
  func expectation() throws {
    let (ratio, steps): (Float, Int) = (0.3, 4000)
    var source = GoldenNumbers(seed: 3)
    let data = source.tensor([12], offset: 2)
    var graph = Graph()
    let x = graph.addInput("x", TensorType(.float32, data.shape))
    let step = graph.addWeight("step", Tensor([1 as Int32], []))
    graph.setFact(Fact(TensorType(.int32, [] as Shape)), of: step)
    let one = graph.addWeight("one", Tensor([1 as Int32], []))
    graph.addOutput(try graph.add(DropoutTraining(ratio: ratio, seed: 9, stream: 0), x, step))
    graph.addUpdate(step, to: try graph.add(Add(), step, one))
    let executable = try Executable(graph)
    var sums = [Double](repeating: 0, count: data.count)
    for _ in 0..<steps {
      for (index, y) in try executable.run([data])[0].doubles.enumerated() { sums[index] += y }
    }
    #expect(try executable.state(of: step).integers == [steps + 1])
    let deviation = (ratio / (1 - ratio) / Float(steps)).squareRoot()
    expectClose(sums.map { Float($0 / Double(steps)) }, data.floats, relative: 4.5 * deviation)
  }

  @Test("has the gradient of its step's mask", arguments: [1, 2, 3] as [Int32])
  func gradient(_ step: Int32) throws {
    try checkGradient(
      DropoutTraining(ratio: 0.4, seed: 1, stream: 0),
      Example([.random([5, 31], low: -1, high: 2), .constant(Tensor([step], []))]), "dropout")
  }

  /// The small problem with two dropout layers in a row, one with the usual ratio.
  private func dropping(_ problem: SmallProblem) throws -> Graph {
    var network = problem.network
    let fc = try #require(network.nodes.first { $0.name == "fc" })
    let ratio = network.addWeight("ratio", Tensor(scalar: Float(0.3)))
    let twice = try network.insert(Dropout(), [fc.inputs[0], ratio], before: fc.id)[0]
    let dropped = try network.insert(Dropout(seed: 3), [twice], before: fc.id)[0]
    try network.modify(fc.id) { $0.inputs[0] = dropped }
    return network
  }

  @Test("works in training, unless it is switched off", arguments: [true, false])
  func training(_ active: Bool) throws {
    let problem = try SmallProblem()
    let network = try dropping(problem)
    var settings = problem.settings
    settings.usesDropout = active
    let plain = try Trainer(problem.network, problem.data, settings).run()
    let first = try Trainer(network, problem.data, settings).run()
    let second = try Trainer(network, problem.data, settings).run()
    let weight = problem.weight("fc.weight")
    #expect(first.bits == second.bits)
    #expect((first.weights[weight] == plain.weights[weight]) != active)
    #expect(first.nodes.count { $0.operator is Dropout } == 2)
    settings.seed += 1
    let other = try Trainer(network, problem.data, settings).run()
    #expect(other.weights[weight] != first.weights[weight])
  }

  @Test("goes on with the same bits after a stop, whatever the number of threads")
  func resume() throws {
    let problem = try SmallProblem()
    let network = try dropping(problem)
    var settings = problem.settings
    settings.optimizer = .adam
    defer { Threads.count = 1 }
    let expected = try Trainer(network, problem.data, settings).run().bits
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("pith-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for stop in [2, 7, 9] {
      let trainer = try Trainer(network, problem.data, settings)
      trainer.checkpoint = folder.appendingPathComponent("job.checkpoint")
      try trainer.resume()
      trainer.shouldStop = { [unowned trainer] in trainer.step == stop }
      #expect(throws: TrainingError.self) { try trainer.run() }
    }
    let last = try Trainer(network, problem.data, settings)
    last.checkpoint = folder.appendingPathComponent("job.checkpoint")
    try last.resume()
    #expect(last.step == 9)
    #expect(try last.run().bits == expected)
  }

  @Test("refuses a ratio that is not known")
  func unknownRatio() throws {
    let problem = try SmallProblem()
    var network = problem.network
    let fc = try #require(network.nodes.first { $0.name == "fc" })
    let ratio = network.addWeight("ratio", Tensor(scalar: Float(1.5)))
    let dropped = try network.insert(Dropout(), [fc.inputs[0], ratio], before: fc.id)[0]
    try network.modify(fc.id) { $0.inputs[0] = dropped }
    #expect(throws: TrainingError.self) {
      try Trainer(network, problem.data, problem.settings)
    }
  }
}
