import PithGraph
import PithOperators
import PithRuntime
import PithTensors
import PithTestSupport
import Testing

/// Runs of elementwise operators as one kernel.
@Suite("Elementwise chains")
struct ElementwiseTests {
  private func random(_ shape: Shape, seed: UInt64) -> Tensor {
    var random = Philox(seed: seed)
    return Tensor((0..<shape.count).map { _ in random.uniform() * 6 - 3 }, shape)
  }

  /// The outputs of the graph as it is compiled, checked against those of its operators one by one.
  private func check(_ graph: Graph, _ inputs: [Tensor], steps: Int) throws {
    let executable = try Executable(graph)
    #expect(executable.steps.count == steps, "\(executable.steps.map(\.operatorName))")
    let outputs = try executable.run(inputs)
    let expected = try Evaluator().run(graph, inputs)
    for (output, tensor) in zip(outputs, expected) {
      expectClose(output.floats, tensor.floats, relative: 1e-5, absolute: 2e-6)
    }
  }

  @Test("compute each function as its operator does", arguments: [3, 256, 1000, 70_000])
  func functions(_ count: Int) throws {
    let operators: [any Operator] = [
      Relu(), LeakyRelu(alpha: 0.1), Sigmoid(), Tanh(), HardSwish(), HardSigmoid(), Exp(), Erf(),
      Abs(), Neg(), Scaling(0.3), Swish(alpha: 1.5),
    ]
    for function in operators {
      var graph = Graph()
      let x = graph.addInput("x", TensorType(.float32, [count]))
      let y = graph.addInput("y", TensorType(.float32, [count]))
      var value = try graph.add(function, graph.add(Mul(), x, y))
      value = try graph.add(Sub(), value, x)
      graph.addOutput(value)
      try check(graph, [random([count], seed: 1), random([count], seed: 2)], steps: 1)
    }
  }

  @Test("take numbers, rows and columns for operands")
  func stretched() throws {
    var graph = Graph()
    let x = graph.addInput("x", TensorType(.float32, [5, 40, 30]))
    let row = graph.addInput("row", TensorType(.float32, [30]))
    let column = graph.addInput("column", TensorType(.float32, [5, 40, 1]))
    let plane = graph.addInput("plane", TensorType(.float32, [40, 30]))
    let two = graph.addWeight("two", Tensor(scalar: Float(2)))
    var value = try graph.add(Sub(), x, column)
    value = try graph.add(Mul(), value, row)
    value = try graph.add(Div(), value, two)
    value = try graph.add(Max(), plane, value)
    graph.addOutput(value)
    try check(
      graph,
      [
        random([5, 40, 30], seed: 1), random([30], seed: 2), random([5, 40, 1], seed: 3),
        random([40, 30], seed: 4),
      ], steps: 1)
  }

  @Test("leave alone what someone else reads")
  func shared() throws {
    var graph = Graph()
    let x = graph.addInput("x", TensorType(.float32, [100]))
    let tanh = try graph.add(Tanh(), x)
    let square = try graph.add(Mul(), tanh, tanh)
    graph.addOutput(try graph.add(Add(), square, x))
    graph.addOutput(tanh)
    try check(graph, [random([100], seed: 1)], steps: 2)
  }

  @Test("work on the blocks in which a convolution leaves its result")
  func blocked() throws {
    var graph = Graph()
    let x = graph.addInput("x", TensorType(.float32, [2, 16, 9, 9]))
    let weight = graph.addWeight("weight", random([20, 16, 1, 1], seed: 2))
    let convolved = try graph.add(Conv(), x, weight)
    let gate = try graph.add(Sigmoid(), graph.add(Neg(), convolved))
    let gated = try graph.add(Mul(), convolved, gate)
    graph.addOutput(try graph.add(GlobalAveragePool(), gated))
    let executable = try Executable(graph)
    #expect(executable.steps.contains { $0.operatorName == "FusedElementwise" })
    let inputs = [random([2, 16, 9, 9], seed: 1)]
    let expected = try Evaluator().run(graph, inputs)[0]
    expectClose(try executable.run(inputs)[0].floats, expected.floats, absolute: 1e-5)
  }
}
