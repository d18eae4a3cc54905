import PithGraph
import PithOperators
import PithRuntime
import PithTensors
import PithTestSupport
import Testing

/// Networks that run on parts of their batch.
struct BatchSlicesTests {
  private func tensor(_ shape: Shape) -> Tensor {
    var random = Philox(seed: 3)
    return Tensor((0..<shape.count).map { _ in random.uniform() * 2 - 1 }, shape)
  }

  /// A convolution, a sum of two branches, a mean over pixels and a layer of classes.
  private func network(
    batch: Int, _ ending: (inout Graph, Value) throws -> Value = { $1 }
  ) throws -> Graph {
    var graph = Graph()
    let x = graph.addInput("x", TensorType(.float32, [batch, 3, 181, 181]))
    let wide = try graph.add(
      Conv(pads: [1, 1, 1, 1]), x, graph.addWeight("w", tensor([8, 3, 3, 3])))
    let sum = try graph.add(Add(), graph.add(Relu(), wide), wide)
    let flat = try graph.add(Flatten(), graph.add(GlobalAveragePool(), sum))
    let scores = try graph.add(Gemm(), flat, graph.addWeight("v", tensor([8, 5])))
    graph.addOutput(try ending(&graph, scores), name: "scores")
    graph.addOutput(flat, name: "features")
    return graph
  }

  /// A value holds 1 MiB a sample. Parts of 46 samples are too large or needlessly small.
  @Test(arguments: [(45, 3), (30, 2), (46, 1), (23, 1), (8, 1)])
  func partsGiveWhatTheWholeGives(_ batch: Int, _ parts: Int) throws {
    let graph = try network(batch: batch)
    #expect((graph.sliced()?.count ?? 1) == parts)
    let x = tensor([batch, 3, 181, 181])
    let expected = try Evaluator().run(graph, [x])
    let executable = try Executable(graph)
    for _ in 0..<2 {
      for (actual, expected) in zip(try executable.run([x]), expected) {
        #expect(actual.shape == expected.shape)
        expectClose(actual.floats, expected.floats, relative: 1e-4, absolute: 1e-5)
      }
    }
    var names: [Int] = []
    executable.execute { index, _ in names.append(index) }
    #expect(names == Array(executable.steps.indices))
    let macs = batch * (181 * 181 * 8 * 27 + 40)
    #expect(executable.steps.reduce(0) { $0 + $1.cost.macs } == macs)
  }

  /// Whatever puts samples together keeps the batch whole.
  @Test func samplesThatMeetStayTogether() throws {
    let endings: [(inout Graph, Value) throws -> Value] = [
      { try $0.add(Softmax(axis: 0), $1) },
      { try $0.add(Transpose([1, 0]), $1) },
      { graph, value in
        try graph.add(Add(), value, graph.addWeight("rows", self.tensor([30, 1])))
      },
      { try $0.add(Concat(axis: 0), $1, $1) },
    ]
    let x = tensor([30, 3, 181, 181])
    for ending in endings {
      let graph = try network(batch: 30, ending)
      #expect(graph.sliced() == nil)
      let expected = try Evaluator().run(graph, [x])
      for (actual, expected) in zip(try Executable(graph).run([x]), expected) {
        expectClose(actual.floats, expected.floats, relative: 1e-4, absolute: 1e-5)
      }
    }
  }
}
