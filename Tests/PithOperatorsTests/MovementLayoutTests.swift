import PithGraph
import PithOperators
import PithRuntime
import PithTensors
import PithTestSupport
import Testing

@Suite("Values in blocked layouts")
struct MovementLayoutTests {
  private func random(_ shape: Shape, _ stream: UInt64) -> Tensor {
    var random = Philox(seed: 3, stream: stream)
    return Tensor((0..<shape.count).map { _ in random.uniform() - 0.5 }, shape)
  }

  /// Two convolutions side by side, so that what follows gets blocked inputs, and a tail.
  private func network(
    _ tail: (inout Graph, Value, Value) throws -> Value
  ) throws -> (Graph, [Tensor]) {
    var graph = Graph()
    let data = graph.addInput("data", TensorType(.float32, [2, 16, 9, 9]))
    func convolve(_ stream: UInt64) throws -> Value {
      let weight = graph.addWeight(nil, random([32, 16, 3, 3], stream))
      return try graph.add(Conv(pads: [1, 1, 1, 1]), data, weight)
    }
    let (left, right) = (try convolve(1), try convolve(2))
    graph.addOutput(try tail(&graph, left, right))
    return (graph, [random([2, 16, 9, 9], 3)])
  }

  private func expectSame(_ graph: Graph, _ inputs: [Tensor]) throws {
    let plain = try Evaluator().run(graph, inputs)
    let blocked = try Evaluator(keepsLayouts: true).run(graph, inputs)
    for (a, b) in zip(blocked, plain) {
      #expect(a.shape == b.shape)
      expectClose(a.floats, b.floats, relative: 1e-4, absolute: 1e-5)
    }
    let executable = try Executable(graph)
    for (a, b) in zip(try executable.run(inputs), plain) {
      expectClose(a.floats, b.floats, relative: 1e-4, absolute: 1e-5, "compiled")
    }
  }

  private static let scales = Tensor([1, 1, 2, 3] as [Float])

  @Test("pooled, joined and turned give what row-major ones do")
  func forward() throws {
    let weight = random([32, 4, 2, 2], 4)
    let bias = random([4], 5)
    let tails: [(inout Graph, Value, Value) throws -> Value] = [
      { graph, left, _ in try graph.add(MaxPool(kernel: [2, 2], strides: [2, 2]), left) },
      { graph, left, _ in try graph.add(AveragePool(kernel: [3, 3], pads: [1, 1, 1, 1]), left) },
      { graph, left, _ in try graph.add(GlobalAveragePool(), left) },
      { graph, left, _ in try graph.add(GlobalMaxPool(), left) },
      { graph, left, _ in try graph.add(Transpose([0, 2, 3, 1]), left) },
      { graph, left, right in try graph.add(Concat(axis: 1), left, right) },
      { graph, left, right in try graph.add(Concat(axis: 3), left, right) },
      { graph, left, _ in try graph.add(Flatten(), left) },
      { graph, left, _ in
        let scales = graph.addWeight(nil, Self.scales)
        return try graph.add(Resize(.nearest), left, nil, scales)
      },
      { graph, left, _ in
        let scales = graph.addWeight(nil, Self.scales)
        return try graph.add(Resize(.linear), left, nil, scales)
      },
      { graph, left, _ in
        let sizes = graph.addWeight(nil, Tensor([2, 32, 7, 14] as [Int64]))
        return try graph.add(Resize(.linear), left, nil, nil, sizes)
      },
      { graph, left, _ in
        try graph.add(
          ConvTranspose(strides: [2, 2]), left, graph.addWeight(nil, weight),
          graph.addWeight(nil, bias))
      },
    ]
    for tail in tails {
      let (graph, inputs) = try network(tail)
      try expectSame(graph, inputs)
    }
  }

  @Test("have the gradients that row-major ones have")
  func gradients() throws {
    let tails: [(inout Graph, Value, Value) throws -> Value] = [
      { graph, left, _ in try graph.add(MaxPool(kernel: [2, 2], strides: [2, 2]), left) },
      { graph, left, _ in try graph.add(AveragePool(kernel: [2, 2]), left) },
      { graph, left, _ in try graph.add(GlobalAveragePool(), left) },
      { graph, left, _ in try graph.add(GlobalMaxPool(), left) },
      { graph, left, right in try graph.add(Concat(axis: 1), left, right) },
      { graph, left, _ in
        let scales = graph.addWeight(nil, Self.scales)
        return try graph.add(Resize(.nearest), left, nil, scales)
      },
      { graph, left, _ in
        let scales = graph.addWeight(nil, Self.scales)
        return try graph.add(Resize(.linear), left, nil, scales)
      },
    ]
    for tail in tails {
      var (graph, inputs) = try network(tail)
      let result = graph.outputs[0]
      let type = try #require(graph.type(of: result))
      let seed = graph.addInput("seed", type)
      let gradients = try graph.addGradients(
        of: result, seed: seed, for: graph.orderedWeights.prefix(2) + [graph.inputs[0]], sum: Add())
      graph.setOutputs([result] + gradients.compactMap(\.self))
      inputs.append(random(try #require(type.shape), 9))
      try expectSame(graph, inputs)
    }
  }
}
