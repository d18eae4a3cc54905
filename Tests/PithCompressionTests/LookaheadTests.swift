import PithCompression
import PithGraph
import PithOperators
import PithTensors
import Testing

/// Scores worked out by hand for networks of a few weights: w^2 by the squared norms around it.
@Suite struct LookaheadTests {
  private func scores(_ graph: Graph) throws -> [String: [Float]] {
    let evidence = PruningEvidence(graph, Context(data: nil, teacher: graph))
    let found = try Lookahead.scores(of: graph.prunableLayers(), evidence)
    return Dictionary(uniqueKeysWithValues: found.map { (graph.name(of: $0), $1.floats) })
  }

  private func image(_ graph: inout Graph, channels: Int) -> Value {
    graph.addInput(
      "input", TensorType(.float32, [.named("N"), .fixed(channels), 4, 4]))
  }

  /// Two branches of one channel each are concatenated; the second is padded to two channels.
  @Test func concatenationAndPadding() throws {
    var graph = Graph(name: "branches")
    let x = image(&graph, channels: 1)
    let a = try graph.add(Conv(), x, graph.addWeight("a", Tensor([2 as Float], [1, 1, 1, 1])))
    // Weights of one element are no layers; these have two filters.
    let b = try graph.add(
      Conv(), x, graph.addWeight("b", Tensor([3, 1] as [Float], [2, 1, 1, 1])))
    let padded = try graph.add(
      Pad(), b, graph.addWeight(nil, Tensor([0, 1, 0, 0, 0, 0, 0, 0] as [Int64])))
    let both = try graph.add(Concat(axis: 1), a, padded)
    let c = graph.addWeight("c", Tensor([1, 2, 3, 4] as [Float], [1, 4, 1, 1]))
    graph.addOutput(try graph.add(Conv(), both, c), name: "output")
    let found = try scores(graph)
    // Behind b's channels stand c's weights 3 and 4.
    #expect(found["b"] == [9 * 9, 1 * 16])
    // Before c: nothing known of a (a lone number), zero before the padding, then 9 and 1.
    #expect(found["c"] == [1, 0, 81, 16])
  }

  /// x -> conv -> + x, twice: the way around a block counts 1, on both sides of a layer.
  @Test func skips() throws {
    var graph = Graph(name: "residual")
    let x = image(&graph, channels: 1)
    func convolved(_ input: Value, _ name: String, _ weights: [Float], _ shape: Shape) throws
      -> Value
    {
      try graph.add(Conv(), input, graph.addWeight(name, Tensor(weights, shape)), name: name)
    }
    let stem = try graph.add(Relu(), convolved(x, "stem", [1, 2], [2, 1, 1, 1]))
    let first = try convolved(stem, "first", [1, 0.5, 2, 1], [2, 2, 1, 1])
    let sum = try graph.add(Relu(), graph.add(Add(), first, stem))
    let second = try convolved(sum, "second", [1, 1, 3, 1], [2, 2, 1, 1])
    let last = try graph.add(Relu(), graph.add(Add(), second, sum))
    graph.addOutput(try convolved(last, "head", [2, 1], [1, 2, 1, 1]), name: "output")
    let found = try scores(graph)
    // Behind the stem: columns of `first` (1 + 4, 0.25 + 1) and the way around.
    #expect(found["stem"] == [6, 9])
    // Before: 1 and 4. Behind: columns of `second` (1 + 9, 1 + 1) and the way around.
    #expect(found["first"] == [11, 11, 12, 12])
    // Before: rows of `first` (1.25, 5) and the way around. Behind: the head.
    #expect(found["second"] == [9, 24, 20.25, 6])
    #expect(found["head"] == [12, 11])
  }

  /// Token features through products with biases; channels are the last axis.
  @Test func sequences() throws {
    var graph = Graph(name: "tokens")
    let x = graph.addInput("input", TensorType(.float32, [.named("N"), 3, 2]))
    let first = graph.addWeight("first", Tensor([1, 2, 3, 4, 5, 6] as [Float], [2, 3]))
    let second = graph.addWeight("second", Tensor([1, 0, 2, 1, 0, 3] as [Float], [3, 2]))
    var y = try graph.add(MatMul(), x, first)
    y = try graph.add(Add(), y, graph.addWeight("bias", Tensor([1, 1, 1] as [Float])))
    y = try graph.add(MatMul(), graph.add(Relu(), y), second)
    graph.addOutput(y, name: "output")
    let found = try scores(graph)
    // Squared rows of `second`: 1, 5, 9; squared columns of `first`: 17, 29, 45.
    #expect(found["first"] == [1, 20, 81, 16, 125, 324])
    #expect(found["second"] == [17, 0, 116, 29, 0, 405])
  }
}
