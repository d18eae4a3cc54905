import PithGraph
import PithOperators
import PithRuntime
import PithTensors
import PithTestSupport
import Testing

@Suite("Numbers of other precisions")
struct ElementTypesTests {
  private func random(_ shape: Shape, _ stream: UInt64, _ dtype: DType) -> Tensor {
    var random = Philox(seed: 5, stream: stream)
    return Tensor((0..<shape.count).map { _ in random.uniform() * 2 - 0.5 }, shape)
      .converted(to: dtype)
  }

  /// Convolution, normalisation, pooling, softmax, a reduction and a product: plans with blocked
  /// layouts, several outputs and scratch memory among them.
  private func network(_ dtype: DType) throws -> Graph {
    var graph = Graph()
    let data = graph.addInput("data", TensorType(dtype, [2, 16, 6, 6] as Shape))
    func weight(_ shape: Shape, _ stream: UInt64) -> Value {
      graph.addWeight(nil, random(shape, stream, dtype))
    }
    let convolved = try graph.add(
      Conv(pads: [1, 1, 1, 1]), data, weight([16, 16, 3, 3], 1), weight([16], 2))
    let pooled = try graph.add(
      MaxPool(kernel: [2, 2], strides: [2, 2]), graph.add(Relu(), convolved))
    let normal = try graph.add(
      LayerNormalization(), [pooled, weight([3], 3), weight([3], 4)])[0]
    let axes = graph.addWeight(nil, Tensor([2, 3] as [Int64]))
    let vector = try graph.add(ReduceMean(keepsAxes: false), normal, axes)
    let scores = try graph.add(Gemm(), vector, weight([16, 5], 5))
    graph.addOutput(try graph.add(Softmax(), graph.add(Tanh(), scores)))
    return graph
  }

  @Test(
    "are computed by way of float32",
    arguments: [(.float16, 4e-3), (.bfloat16, 4e-2), (.float64, 1e-5)] as [(DType, Float)])
  func widened(_ dtype: DType, _ tolerance: Float) throws {
    let input = random([2, 16, 6, 6], 9, dtype)
    let exact = try Evaluator().run(network(.float32), [input.converted(to: .float32)])[0]
    let graph = try network(dtype)
    for result in [
      try Evaluator().run(graph, [input])[0], try Executable(graph).run([input])[0],
      try Evaluator(keepsLayouts: true).run(graph, [input])[0],
    ] {
      #expect(result.dtype == dtype)
      expectClose(result.floats, exact.floats, relative: tolerance, absolute: tolerance / 10)
    }
  }

  @Test("are refused where whole numbers make no sense")
  func wholeNumbers() throws {
    #expect(throws: ShapeError.type(input: 0, .int32)) {
      try Sin().infer([Fact(.int32, [2])])
    }
    #expect(throws: ShapeError.type(input: 0, .float32)) {
      try BitwiseAnd().infer([Fact(.float32, [2]), Fact(.float32, [2])])
    }
    #expect(throws: ShapeError.type(input: 0, .int8)) {
      try BitShift(isLeft: true).infer([Fact(.int8, [2]), Fact(.int8, [2])])
    }
  }

  @Test("Logarithms of sums do not overflow, nor do sums of nothing")
  func logarithmsOfSums() throws {
    var graph = Graph()
    let data = graph.addInput("data", TensorType(.float32, [2, 2]))
    let axes = graph.addWeight(nil, Tensor([1] as [Int64]))
    graph.addOutput(try graph.add(ReduceLogSumExp(keepsAxes: false), data, axes))
    let huge = Tensor([1000, 1000, -.infinity, -.infinity] as [Float], [2, 2])
    let result = try Evaluator().run(graph, [huge])[0].floats
    #expect(result == [1000 + Float(0.6931472), -.infinity])
  }
}
