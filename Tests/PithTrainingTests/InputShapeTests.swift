import PithData
import PithGraph
import PithKernels
import PithOperators
import PithTensors
import PithTestSupport
import PithTraining
import Testing

/// Samples that are no images.
@Suite("Inputs of any shape", .serialized)
struct InputShapeTests {
  /// Three classes, told by which third of the twelve features is raised.
  private func split(_ count: Int, _ sample: Shape, seed: Int) throws -> PithData.Split {
    var source = GoldenNumbers(seed: seed)
    let labels = (0..<count).map { _ in Int32(source.integer(3)) }
    let size = sample.count
    var values = source.array(count * size)
    for place in values.indices where place % 12 / 4 == labels[place / size] {
      values[place] += 0.8
    }
    return try PithData.Split(
      Tensor(values, Shape([count] + sample.dimensions)), labels: labels)
  }

  private func data(_ sample: Shape) throws -> TrainingData {
    TrainingData(
      train: try split(96, sample, seed: 1), validation: try split(48, sample, seed: 2),
      preprocessing: .raw)
  }

  private func learns(_ network: Graph, _ sample: Shape) throws {
    Threads.count = 1
    let settings = TrainingSettings(epochs: 12, batch: 16, learningRate: 0.05, seed: 1)
    let trainer = try Trainer(network, data(sample), settings)
    _ = try trainer.run()
    let last = try #require(trainer.epochs.last)
    #expect(last.loss < 0.5 * trainer.epochs[0].loss)
    #expect(try #require(last.validation).top1 > 0.85)
  }

  /// A sequence network: a layer applied at each position, the mean over positions, classes.
  private func sequenceNetwork(_ dimensions: [Dimension]) throws -> Graph {
    var source = GoldenNumbers(seed: 3)
    var graph = Graph(name: "sequence")
    let x = graph.addInput("x", TensorType(.float32, dimensions))
    let mixing = graph.addWeight("mixing", source.tensor([12, 16], scale: 0.5))
    let y = try graph.add(Relu(), graph.add(MatMul(), x, mixing))
    let pooled = try graph.add(
      ReduceMean(keepsAxes: false), y, graph.addWeight("axes", Tensor([1 as Int64])))
    let classes = graph.addWeight("classes", source.tensor([16, 3], scale: 0.5))
    graph.addOutput(try graph.add(MatMul(), pooled, classes), name: "scores")
    return graph
  }

  @Test("train on vectors (F)")
  func vectors() throws {
    var source = GoldenNumbers(seed: 4)
    var graph = Graph(name: "vectors")
    let x = graph.addInput("x", TensorType(.float32, [.named("N"), 12]))
    let weight = graph.addWeight("weight", source.tensor([3, 12], scale: 0.3))
    let bias = graph.addWeight("bias", Tensor(.float32, [3]))
    graph.addOutput(try graph.add(Gemm(transB: true), x, weight, bias), name: "scores")
    try learns(graph, [12])
  }

  @Test("train on sequences (T, F), whatever is open and as arrays give them")
  func sequences() throws {
    let open: [Dimension] = [.named("N"), .named("T"), 12]
    try learns(try sequenceNetwork([.named("N"), 5, 12]), [5, 12])
    try learns(try sequenceNetwork(open), [5, 12])
    try learns(try sequenceNetwork(open), [1, 5, 12])
  }

  @Test("are refused where the numbers do not fit")
  func refusals() throws {
    let graph = try sequenceNetwork([.named("N"), 5, 12])
    for sample: Shape in [[5, 13], [12, 5], [6, 12], [1, 12, 5], [60, 1]] {
      #expect(throws: (any Error).self) {
        try Trainer(graph, data(sample), TrainingSettings(epochs: 1, batch: 4))
      }
    }
  }
}
