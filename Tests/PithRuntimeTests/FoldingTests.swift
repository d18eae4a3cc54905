import PithGraph
import PithOperators
import PithRuntime
import PithTensors
import PithTestSupport
import Testing

struct FoldingTests {
  private func vector(_ count: Int, _ seed: UInt64, low: Float = -1) -> Tensor {
    var random = Philox(seed: seed)
    return Tensor((0..<count).map { _ in low + random.uniform() * 2 }, [count])
  }

  @Test(arguments: [true, false]) func foldsBatchNormalizationIntoConvolutionsAndProducts(
    convolution: Bool
  ) throws {
    var graph = Graph()
    let shape: Shape = convolution ? [2, 3, 5, 5] : [4, 3]
    let x = graph.addInput("x", TensorType(.float32, shape))
    let weight = graph.addWeight(
      "w", vector(convolution ? 8 * 27 : 24, 1).reshaped(to: convolution ? [8, 3, 3, 3] : [3, 8]))
    let bias = graph.addWeight("b", vector(8, 2))
    let made =
      convolution ? try graph.add(Conv(), x, weight, bias) : try graph.add(Gemm(), x, weight, bias)
    let parameters = [
      vector(8, 3), vector(8, 4), vector(8, 5), vector(8, 6, low: 0.1),
    ].enumerated().map { graph.addWeight("p\($0)", $1) }
    let normalized = try graph.add(
      BatchNormalization(epsilon: 1e-3), [made] + parameters.map(Optional.some))[0]
    graph.addOutput(normalized)
    let input = vector(shape.count, 9).reshaped(to: shape)
    let expected = try Evaluator().run(graph, [input])[0]
    let folded = try graph.optimized(rules: [FoldBatchNormalization()])
    #expect(folded.nodes.count == 1)
    expectClose(
      try Evaluator().run(folded, [input])[0].floats, expected.floats, relative: 1e-5,
      absolute: 1e-5)
  }

  /// A few bytes of file may ask for terabytes: an error, not an attempt.
  @Test func refusesWhatNoMemoryHolds() throws {
    var graph = Graph()
    let shape = graph.addWeight("shape", Tensor([1 << 20, 1 << 20] as [Int64]))
    graph.addOutput(try graph.add(ConstantOfShape(), shape))
    graph.foldConstants()
    #expect(graph.nodes.count == 1)
    #expect(throws: GraphError.self) { try Executable(graph) }
  }

  @Test func computesWhatDoesNotDependOnInputs() throws {
    var graph = Graph()
    let x = graph.addInput("x", TensorType(.float32, [.named("N"), 4, 2]))
    let a = graph.addWeight("a", vector(8, 1))
    let b = try graph.add(Exp(), graph.add(Neg(), a))
    let shape = try graph.add(ShapeOperator(), x)
    let flat = try graph.add(
      Concat(axis: 0),
      graph.add(Gather(), shape, graph.addWeight(nil, Tensor([0] as [Int64]))),
      graph.addWeight(nil, Tensor([-1] as [Int64])))
    graph.addOutput(try graph.add(Add(), graph.add(Reshape(), x, flat), b))
    let folded = try graph.optimized(binding: ["N": 3])
    #expect(folded.nodes.map(\.operator.name).sorted() == ["Add", "Reshape"])
    #expect(folded.type(of: folded.outputs[0])?.shape == [3, 8])
  }

  @Test func leavesStateAlone() throws {
    var graph = Graph()
    let w = graph.addWeight("w", vector(4, 1))
    graph.setFact(Fact(.float32, [4]), of: w)
    let next = try graph.add(Exp(), w)
    graph.addOutput(next)
    graph.addUpdate(w, to: next)
    #expect(try graph.optimized().nodes.count == 1)
  }
}
