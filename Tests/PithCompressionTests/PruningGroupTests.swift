import PithCompression
import PithGraph
import PithModels
import PithOperators
import PithTensors
import Testing

/// What goes together in networks where it can be told by hand.
@Suite struct PruningGroupTests {
  @Test("The channels of a residual stage reach into the stages whose new channels are zeros")
  func paddedShortcuts() throws {
    let graph = try ResNet20.network(
      input: ImageSize(channels: 3, height: 32, width: 32), classes: 10, seed: 1)
    let groups = try graph.pruningGroups().groups
    // Nine blocks have inner channels; each of three streams brings channels of its own.
    #expect(groups.count == 12)
    let streams = groups.filter { $0.constants.count > 14 }.sorted { $0.count < $1.count }
    #expect(streams.map(\.count) == [16, 16, 32])
    let total = groups.reduce(0) { $0 + $1.count }
    #expect(total == 400)
  }

  @Test("A depthwise convolution goes with the one before it, and what a channel costs is exact")
  func depthwise() throws {
    let graph = try MobileNetV1.network(
      input: ImageSize(channels: 3, height: 32, width: 32), classes: 10, seed: 1)
    let groups = try graph.pruningGroups()
    #expect(groups.groups.count == 14)
    for group in groups.groups {
      let smaller = try graph.removing(channels: [0], from: group)
      let (before, after) = (
        StructureCost(groups.bound).total, StructureCost(try smaller.withKnownShapes()).total
      )
      #expect(before.parameters - after.parameters == group.cost.parameters)
      #expect(before.macs - after.macs == group.cost.macs)
    }
  }

  @Test("Attention loses whole heads, the MLP beside it its hidden width; the stream stays")
  func attention() throws {
    let (width, heads, depth) = (8, 4, 3)
    var graph = Graph()
    let x = graph.addInput("tokens", TensorType(.float32, [.named("N"), 5, .fixed(width)]))
    func weight(_ name: String, _ shape: Shape) -> Value { graph.addWeight(name, filled(shape)) }
    let normalized = try graph.add(
      LayerNormalization(), x, weight("scale", [width]), weight("shift", [width]))
    func part(_ name: String, _ order: [Int]) throws -> Value {
      let all = try graph.add(
        MatMul(), normalized, weight(name, [width, heads * depth]), name: name)
      let shape = graph.addWeight(nil, Tensor([0, 5, Int64(heads), Int64(depth)]))
      return try graph.add(Transpose(order), graph.add(Reshape(), all, shape))
    }
    let scores = try graph.add(
      Softmax(),
      graph.add(MatMul(), part("query", [0, 2, 1, 3]), part("key", [0, 2, 3, 1])))
    let mixed = try graph.add(
      Transpose([0, 2, 1, 3]), graph.add(MatMul(), scores, part("value", [0, 2, 1, 3])))
    let shape = graph.addWeight(nil, Tensor([0, 5, Int64(heads * depth)]))
    let joined = try graph.add(
      MatMul(), graph.add(Reshape(), mixed, shape), weight("joined", [heads * depth, width]))
    let stream = try graph.add(Add(), x, joined)
    let hidden = try graph.add(
      Gelu(), graph.add(MatMul(), stream, weight("up", [width, 20]), name: "up"))
    let output = try graph.add(
      Add(), stream, graph.add(MatMul(), hidden, weight("down", [20, width])))
    graph.addOutput(output, name: "output")

    let groups = try graph.pruningGroups()
    #expect(groups.groups.map(\.name) == ["query", "up"])
    #expect(groups.groups.map(\.count) == [heads, 20])
    #expect(groups.groups[0].cost.parameters == 4 * width * depth)
    #expect(groups.groups[1].cost.parameters == 2 * width)
    let query = try #require(
      groups.groups[0].constants.first { graph.name(of: $0.axis.value) == "query" })
    #expect(query.places[1] == [3, 4, 5])
    #expect(
      groups.frozen.contains { $0.reason.contains("LayerNormalization") }
        || groups.frozen.allSatisfy { $0.reason.contains("network's") })
    _ = try graph.removingChecked(ChannelRemoval([2], of: groups.groups[0]), of: groups)
  }

  @Test("A recurrent layer's unit has a row in each gate and a column behind them")
  func recurrent() throws {
    let (hidden, inputs) = (6, 3)
    var graph = Graph()
    let x = graph.addInput("steps", TensorType(.float32, [7, .named("N"), .fixed(inputs)]))
    let states = try graph.add(
      LSTM([:]),
      [
        x, graph.addWeight("w", filled([1, 4 * hidden, inputs])),
        graph.addWeight("r", filled([1, 4 * hidden, hidden])),
        graph.addWeight("b", filled([1, 8 * hidden])),
      ], name: "lstm")
    let last = try graph.add(Squeeze(), states[1], graph.addWeight(nil, Tensor([0] as [Int64])))
    graph.addOutput(
      try graph.add(Gemm(), last, graph.addWeight("fc", filled([hidden, 2]))), name: "y")
    let groups = try graph.pruningGroups()
    let group = try #require(groups.groups.first)
    #expect(groups.groups.count == 1 && group.count == hidden && group.name == "lstm")
    let rows = try #require(group.constants.first { graph.name(of: $0.axis.value) == "b" })
    #expect(rows.places[2] == (0..<8).map { 2 + hidden * $0 })
    _ = try graph.removingChecked(ChannelRemoval([0, 4], of: group), of: groups)
  }

  @Test("What cannot go says why, and what was named stays")
  func frozen() throws {
    let graph = try SmallProblem().network
    let groups = try graph.pruningGroups()
    #expect(groups.groups.map(\.name) == ["conv"] && groups.groups[0].count == 16)
    #expect(groups.frozen.map(\.name) == ["fc"])
    #expect(groups.frozen[0].reason == "it is the network's output 'output'")
    let kept = try graph.pruningGroups { $0.name == "conv" }
    #expect(kept.groups.isEmpty)
    #expect(kept.frozen.contains { $0.reason == "node 'conv' (Conv) is kept whole, as asked" })
  }

  @Test("An operator that nobody knows freezes what it touches and is named")
  func opaque() throws {
    var graph = Graph()
    let x = graph.addInput("x", TensorType(.float32, [.named("N"), 2, 4, 4]))
    let y = try graph.add(
      Conv(), x, graph.addWeight("w1", filled([4, 2, 1, 1])), name: "first")
    let mystery = OpaqueOperator(kind: "Mystery", domain: "", attributes: [:])
    let z = try graph.add(mystery, [y], name: "mystery", outputs: 1)[0]
    graph.setFact(graph.fact(of: y), of: z)
    graph.addOutput(
      try graph.add(Conv(), z, graph.addWeight("w2", filled([3, 4, 1, 1])), name: "second"),
      name: "y")
    let groups = try graph.pruningGroups()
    #expect(groups.groups.isEmpty)
    #expect(groups.frozen.first?.reason.contains("node 'mystery' (Mystery)") == true)
  }

  @Test("Empty and very long axes are left alone")
  func strangeExtents() throws {
    var graph = Graph()
    let x = graph.addInput("x", TensorType(.float32, [.named("N"), 2, 4, 4]))
    let none = try graph.add(Conv(), x, graph.addWeight("none", Tensor(.float32, [0, 2, 1, 1])))
    graph.addOutput(none, name: "nothing")
    let long = graph.addInput("long", TensorType(.float32, [1, 1 << 30, 1]))
    graph.addOutput(try graph.add(Relu(), graph.add(Transpose(), long)), name: "more")
    let groups = try graph.pruningGroups()
    #expect(groups.groups.isEmpty)
  }

  @Test("Groups of another graph are refused")
  func otherGraph() throws {
    let network = try SmallProblem().network
    let group = try #require(try network.pruningGroups().groups.first)
    let smaller = try network.removing(channels: [1], from: group)
    let error = #expect(throws: GraphError.self) {
      try smaller.removing(channels: [1], from: group)
    }
    #expect(error?.description.contains("another graph") == true)
    #expect(throws: GraphError.self) {
      try network.removing(channels: 0..<group.count, from: group)
    }
  }

  private func filled(_ shape: Shape) -> Tensor {
    var random = Philox(seed: 2, stream: UInt64(shape.count))
    return Tensor((0..<shape.count).map { _ in random.uniform() - 0.5 }, shape)
  }
}
