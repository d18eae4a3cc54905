import PithGraph
import PithOperators
import PithTensors
import PithTestSupport
import Testing

/// Runs an operator behind convolutions, whose results lie in blocked layouts, padded where the
/// channels do not fill a block.
@Suite("Operators on blocked layouts")
struct LayoutTests {
  static let examples = OperatorExample.differentiable.filter { example in
    if case .random(let shape, _, _) = example.example.inputs[0] { return shape.rank == 4 }
    return false
  }

  @Test("give what they give on row-major ones", arguments: examples)
  func sameResults(_ argument: OperatorExample) throws {
    let instance = try argument.kind.init(argument.example.attributes)
    var graph = Graph()
    var tensors: [Tensor] = []
    var random = Philox(seed: 3)

    /// A value of the given shape that a convolution by one pixel makes: channels are mixed into
    /// values between `low` and `high`.
    func blocked(_ shape: Shape, _ low: Float, _ high: Float) throws -> Value {
      let channels = shape[1]
      let data = (0..<shape.count).map { _ in low + (high - low) * random.uniform() }
      tensors.append(Tensor(data, shape))
      let weight = (0..<channels * channels).map { $0 % (channels + 1) == 0 ? 1 : Float(0) }
      let input = graph.addInput("data", TensorType(.float32, shape))
      return try graph.add(
        Conv(), input, graph.addWeight(nil, Tensor(weight, [channels, channels, 1, 1])))
    }

    var inputs: [Value?] = []
    for input in argument.example.inputs {
      switch input {
      case .random(let shape, let low, let high) where shape.rank == 4:
        inputs.append(try blocked(shape, low, high))
      case .random(let shape, let low, let high):
        tensors.append(
          Tensor((0..<shape.count).map { _ in low + (high - low) * random.uniform() }, shape))
        inputs.append(graph.addInput("data", TensorType(.float32, shape)))
      case .constant(let tensor): inputs.append(graph.addWeight(nil, tensor))
      case .absent: inputs.append(nil)
      }
    }
    let outputs = try graph.add(instance, inputs, outputs: argument.example.outputCount)
    let node = try #require(graph.nodes.last)
    let upstream = try outputs.map { output -> Value? in
      guard let type = graph.type(of: output), type.dtype == .float32, let shape = type.shape else {
        return nil
      }
      if shape.rank == 4 { return try blocked(shape, -1, 1) }
      tensors.append(Tensor((0..<shape.count).map { _ in random.uniform() }, shape))
      return graph.addInput("upstream", type)
    }
    let gradients = try instance.gradient(
      of: node, upstream: upstream, wanted: zip(inputs, argument.example.inputs).map(isData),
      in: &graph)
    graph.setOutputs(outputs + gradients.compactMap(\.self))
    let plain = try Evaluator().run(graph, tensors)
    let kept = try Evaluator(keepsLayouts: true).run(graph, tensors)
    for (index, (plain, kept)) in zip(plain, kept).enumerated() where plain.dtype == .float32 {
      expectClose(
        kept.floats, plain.floats, relative: 1e-5, absolute: 1e-5,
        "\(argument.testDescription), result \(index)")
    }
  }
}

private func isData(_ value: Value?, _ input: Example.Input) -> Bool {
  if case .random = input { value != nil } else { false }
}
