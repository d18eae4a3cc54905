import PithGraph
import PithOperators
import PithRuntime
import PithTensors
import PithTestSupport
import Testing

struct ExecutableTests {
  /// conv - relu - conv + residual - relu, on 16 channels so that layouts are blocked.
  private func residual(_ batch: Dimension) throws -> Graph {
    var graph = Graph()
    var random = Philox(seed: 7)
    func weight(_ shape: Shape) -> Tensor {
      Tensor((0..<shape.count).map { _ in random.normal() * 0.1 }, shape)
    }
    let input = graph.addInput("x", TensorType(.float32, [batch, 16, 6, 6]))
    let first = graph.addWeight("w1", weight([16, 16, 3, 3]))
    let second = graph.addWeight("w2", weight([16, 16, 3, 3]))
    let pads = [1, 1, 1, 1]
    let hidden = try graph.add(Relu(), graph.add(Conv(pads: pads), input, first))
    let sum = try graph.add(Add(), graph.add(Conv(pads: pads), hidden, second), input)
    graph.addOutput(try graph.add(Relu(), sum), name: "y")
    return graph
  }

  private func sample(_ shape: Shape) -> Tensor {
    var random = Philox(seed: 3)
    return Tensor((0..<shape.count).map { _ in random.normal() }, shape)
  }

  @Test func fusesConvolutionSumAndActivation() throws {
    let graph = try residual(2)
    let executable = try Executable(graph)
    #expect(
      executable.steps.filter { $0.operatorName == "Add" || $0.operatorName == "Relu" }.isEmpty)
    let input = sample([2, 16, 6, 6])
    let fused = try executable.run([input])[0]
    let plain = try Executable(compiling: graph).run([input])[0]
    expectClose(fused.floats, plain.floats, relative: 1e-5, absolute: 1e-6)
  }

  @Test func agreesWithAnEvaluatorThatKnowsNoLayouts() throws {
    let graph = try residual(2)
    let input = sample([2, 16, 6, 6])
    let expected = try Evaluator().run(graph, [input])[0]
    expectClose(
      try Executable(graph).run([input])[0].floats, expected.floats, relative: 1e-5, absolute: 1e-6)
  }

  @Test func bindsNamedDimensions() throws {
    let graph = try residual(.named("N"))
    #expect(throws: GraphError.self) { try Executable(graph) }
    let output = try Executable(graph, binding: ["N": 3]).run([sample([3, 16, 6, 6])])[0]
    #expect(output.shape == [3, 16, 6, 6])
  }

  @Test func runsAgainWithOtherInputs() throws {
    let executable = try Executable(residual(1))
    let first = try executable.run([sample([1, 16, 6, 6])])[0]
    _ = try executable.run([Tensor(.float32, [1, 16, 6, 6])])
    #expect(try executable.run([sample([1, 16, 6, 6])])[0] == first)
  }

  @Test func refusesInputsOfAnotherShape() throws {
    let executable = try Executable(residual(1))
    let error = #expect(throws: GraphError.self) {
      try executable.run([Tensor(.float32, [1, 16, 6, 5])])
    }
    #expect(error?.description == "input 'x' is float32[1x16x6x5], expected float32[1, 16, 6, 6]")
  }

  @Test func memoryIsSharedBetweenValuesThatDoNotMeet() throws {
    var graph = Graph()
    var value = graph.addInput("x", TensorType(.float32, [1024]))
    for _ in 0..<50 { value = try graph.add(Tanh(), value) }
    graph.addOutput(value)
    #expect(try Executable(graph).arenaBytes <= 2 * 4096)
  }

  @Test func valuesThatAreStillNeededAreNotOverwritten() throws {
    var graph = Graph()
    let x = graph.addInput("x", TensorType(.float32, [64]))
    let a = try graph.add(Tanh(), x)
    let b = try graph.add(Exp(), a)
    let c = try graph.add(Add(), graph.add(Exp(), b), a)
    for output in [a, c] { graph.addOutput(output) }
    let input = sample([64])
    let (actual, expected) = (
      try Executable(graph).run([input]), try Evaluator().run(graph, [input])
    )
    for (left, right) in zip(actual, expected) {
      expectClose(left.floats, right.floats, relative: 1e-6, absolute: 1e-6)
    }
  }

  @Test func stateKeepsItsValueFromRunToRunAndIsReadInPlainOrder() throws {
    var graph = Graph()
    let x = graph.addInput("x", TensorType(.float32, [1, 16, 4, 4]))
    let weight = graph.addWeight("w", sample([32, 16, 3, 3]))
    graph.setFact(Fact(.float32, [32, 16, 3, 3]), of: weight)
    graph.addOutput(try graph.add(Conv(), x, weight))
    graph.addUpdate(weight, to: try graph.add(Scaling(0.5), weight))
    let executable = try Executable(graph)
    let input = sample([1, 16, 4, 4])
    let first = try executable.run([input])[0].floats
    let second = try executable.run([input])[0].floats
    expectClose(second, first.map { $0 / 2 }, relative: 1e-5, absolute: 1e-6)
    let expected = sample([32, 16, 3, 3]).floats.map { $0 / 4 }
    expectClose(try executable.state(of: weight).floats, expected, relative: 1e-6, absolute: 1e-7)
    try executable.setState(of: weight, sample([32, 16, 3, 3]))
    #expect(try executable.state(of: weight) == sample([32, 16, 3, 3]))
    #expect(try executable.run([input])[0].floats == first)
  }

  @Test func namesOperatorsThatAreNotSupported() throws {
    var graph = Graph()
    let x = graph.addInput("x", TensorType(.float32, [2]))
    let y = graph.declare("y", Fact(.float32, [2]))
    graph.append(
      OpaqueOperator(kind: "Fancy", domain: "", attributes: [:]), [x], outputs: [y], name: "n7")
    graph.addOutput(y)
    let error = #expect(throws: GraphError.self) { try Executable(graph) }
    #expect(error?.description.contains("'n7': operator Fancy is not supported") == true)
  }
}
