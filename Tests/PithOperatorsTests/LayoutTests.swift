import PithGraph
import PithOperators
import PithTensors
import PithTestSupport
import Testing

/// Runs an operator between convolutions, whose data lie in blocked layouts, padded where the
/// channels do not fill a block.
@Suite("Operators on blocked layouts")
struct LayoutTests {
  static let examples = OperatorExample.differentiable.filter { example in
    if case .random(let shape, _, _) = example.example.inputs[0] { return shape.rank == 4 }
    return false
  }

  /// Operands of which one is stretched, with channels that fill their blocks or do not.
  static let stretched: [OperatorExample] = {
    let kinds = [Add.self, Sub.self, Mul.self, Div.self, Max.self] as [any Operator.Type]
    let small: [Shape] = [
      [], [1], [1, 1, 1, 1], [0, 1, 1], [2, 0, 1, 1], [5, 5], [5], [2, 1, 5, 1],
    ]
    return [32, 20, 3].flatMap { channels -> [OperatorExample] in
      let big = Shape([2, channels, 5, 5])
      return kinds.flatMap { kind in
        small.flatMap { small -> [OperatorExample] in
          let shape = Shape(small.dimensions.map { $0 == 0 ? channels : $0 })
          return [[big, shape], [shape, big], [big, big]].enumerated().map { index, shapes in
            let inputs = shapes.map { Example.Input.random($0, low: 0.5, high: 2) }
            return OperatorExample(kind: kind, index: index, example: Example(inputs))
          }
        }
      }
    }
  }()

  @Test("give what they give on row-major ones", arguments: examples + stretched)
  func sameResults(_ argument: OperatorExample) throws {
    let instance = try argument.kind.init(argument.example.attributes)
    var graph = Graph()
    var tensors: [Tensor] = []
    var random = Philox(seed: 3)

    /// A value of the given shape that a convolution makes: numbers between `low` and `high`.
    func blocked(_ shape: Shape, _ low: Float, _ high: Float) throws -> Value {
      tensors.append(
        Tensor((0..<shape.count).map { _ in low + (high - low) * random.uniform() }, shape))
      return try graph.passedOn(graph.addInput("data", TensorType(.float32, shape)), shape[1])
    }

    var inputs: [Value?] = []
    for input in argument.example.inputs {
      switch input {
      case .random(let shape, let low, let high) where shape.rank == 4 && shape[1] > 1:
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
      if shape.rank == 4, shape[1] > 1 { return try blocked(shape, -1, 1) }
      tensors.append(Tensor((0..<shape.count).map { _ in random.uniform() }, shape))
      return graph.addInput("upstream", type)
    }
    let gradients = try instance.gradient(
      of: node, upstream: upstream, wanted: zip(inputs, argument.example.inputs).map(isData),
      in: &graph)
    graph.setOutputs(
      try (outputs + gradients.compactMap(\.self)).map { value in
        guard let shape = graph.type(of: value)?.shape, shape.rank == 4, shape[1] > 1 else {
          return value
        }
        return try graph.passedOn(value, shape[1])
      })
    let plain = try Evaluator().run(graph, tensors)
    let kept = try Evaluator(keepsLayouts: true).run(graph, tensors)
    for (index, (plain, kept)) in zip(plain, kept).enumerated() where plain.dtype == .float32 {
      expectClose(
        kept.floats, plain.floats, relative: 1e-5, absolute: 1e-5,
        "\(argument.testDescription), result \(index)")
    }
  }
}

extension Graph {
  /// The value as a convolution passes it on unchanged, in the layout that it likes. Padding that
  /// holds anything but numbers would show.
  fileprivate mutating func passedOn(_ value: Value, _ channels: Int) throws -> Value {
    var weight = [Float](repeating: 0, count: channels * channels * 9)
    for channel in 0..<channels { weight[channel * (channels + 1) * 9 + 4] = 1 }
    return try add(
      Conv(pads: [1, 1, 1, 1]), value,
      addWeight(nil, Tensor(weight, [channels, channels, 3, 3])))
  }
}

private func isData(_ value: Value?, _ input: Example.Input) -> Bool {
  if case .random = input { value != nil } else { false }
}
