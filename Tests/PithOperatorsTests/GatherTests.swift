import PithGraph
import PithOperators
import PithTensors
import PithTestSupport
import Testing

@Suite("Weights shared through a codebook")
struct GatherTests {
  private let entries = 32
  private let count = 100_003

  private func indices() -> [Int32] {
    var random = Philox(seed: 5)
    return (0..<count).map { _ in Int32(random.next() % UInt64(entries)) }
  }

  @Test("each place gets its codebook entry, and each entry the gradients of all its places")
  func codebook() throws {
    let indices = indices()
    let codebook = (0..<entries).map { Float($0) - 7.5 }
    var graph = Graph()
    let table = graph.addInput("codebook", TensorType(.float32, [entries]))
    let places = graph.addWeight("places", Tensor(indices))
    let values = try graph.add(Gather(), table, places)
    let seed = graph.addInput("seed", TensorType(.float32, [count]))
    let gradient = try graph.addGradients(of: values, seed: seed, for: [table], sum: Add())[0]
    graph.setOutputs([values, try #require(gradient)])
    let upstream = (0..<count).map { Float($0 % 11) - 5 }
    let results = try Evaluator().run(graph, [Tensor(codebook), Tensor(upstream)])
    #expect(results[0].floats == indices.map { codebook[Int($0)] })
    var sums = [Double](repeating: 0, count: entries)
    for (index, value) in zip(indices, upstream) { sums[Int(index)] += Double(value) }
    #expect(results[1].floats == sums.map(Float.init))
  }

  @Test("indices outside the data give zeros instead of other memory")
  func outside() throws {
    var graph = Graph()
    let table = graph.addInput("table", TensorType(.float32, [3]))
    let places = graph.addInput("places", TensorType(.int64, [5]))
    graph.addOutput(try graph.add(Gather(), table, places))
    let result = try Evaluator().run(
      graph,
      [Tensor([1, 2, 3] as [Float]), Tensor([-3, 3, -4, .max, .min] as [Int64])])
    #expect(result[0].floats == [1, 0, 0, 0, 0])
  }
}
