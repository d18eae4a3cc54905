import PithCompression
import PithGraph
import PithOperators
import PithTensors
import Testing

@Suite struct GranularityTests {
  private let problem: SmallProblem

  init() throws { problem = try SmallProblem() }

  private func outcome(_ given: [String: SettingValue], _ graph: Graph? = nil) throws -> Outcome {
    let given = given.merging(["epochs": .wholeNumber(0)]) { own, _ in own }
    let graph = graph ?? problem.network
    return try Pruning(given: given).apply(
      to: graph, Context(data: nil, teacher: graph))
  }

  /// Runs of neighbours of the convolution's weight (16, 2, 3, 3) that must be alike.
  @Test(arguments: [("vector", 3), ("kernel", 9), ("filter", 18)])
  func partsOfFiltersGoTogether(word: String, length: Int) throws {
    let result = try outcome(["sparsity": .number(0.5), "granularity": .word(word)])
    let weights = result.graph.floats("conv.weight")
    var gone = 0
    for start in stride(from: 0, to: weights.count, by: length) {
      let zeros = weights[start..<start + length].count { $0 == 0 }
      #expect(zeros == 0 || zeros == length)
      gone += zeros
    }
    let rest = word == "filter" ? 0 : result.graph.floats("fc.weight").count { $0 == 0 }
    let wanted = word == "filter" ? 144 : 168
    #expect((gone + rest - wanted).magnitude * 2 <= length)
    #expect(result.notes.contains { $0.contains("fc.weight") } == (word == "filter"))
  }

  /// The filters that go are those whose weights have the smallest norm.
  @Test(arguments: [("l1", 1), ("l2", 2)])
  func filtersGoByTheirNorm(word: String, power: Int) throws {
    var network = problem.network
    // A filter of one large weight and one of many small ones change places between the norms.
    network.setFloats("conv.weight") { weights in
      for index in 0..<36 { weights[index] = index < 18 ? 0 : 0.09 }
      weights[3] = 1.2
      for filter in 2..<16 { weights[filter * 18] = 3 }
    }
    let result = try outcome(
      ["sparsity": .number(1.0 / 16), "granularity": .word("filter"), "norm": .word(word)], network)
    let weights = result.graph.floats("conv.weight")
    #expect(weights[0..<18].allSatisfy { $0 == 0 } == (power == 1))
    #expect(weights[18..<36].allSatisfy { $0 == 0 } == (power == 2))
  }

  @Test func blocksOfFiltersAndChannels() throws {
    let result = try outcome([
      "sparsity": .number(0.5), "granularity": .word("block"), "scope": .word("local"),
      "block": .list([.wholeNumber(4), .wholeNumber(2)]),
    ])
    let weights = result.graph.floats("conv.weight")
    for filter in stride(from: 0, to: 16, by: 4) {
      for place in 0..<9 {
        let block = (0..<4).flatMap { row in
          (0..<2).map { weights[(filter + row) * 18 + $0 * 9 + place] }
        }
        let zeros = block.count { $0 == 0 }
        #expect(zeros == 0 || zeros == 8)
      }
    }
    #expect(weights.count { $0 == 0 } == 144)
    #expect(throws: SettingError.self) { try Pruning(given: ["block": .list([.wholeNumber(4)])]) }
  }

  /// conv (8, 8, 1, 3) - pool - MatMul (8, 4) - Gemm (4, 8) - Gemm transposed (3, 8).
  private func layers() throws -> Graph {
    var random = Philox(seed: 21)
    var graph = Graph(name: "patterns")
    func drawn(_ name: String, _ shape: Shape) -> Value {
      graph.addWeight(name, Tensor((0..<shape.count).map { _ in random.normal() }, shape))
    }
    var x = graph.addInput("input", TensorType(.float32, [.named("N"), 8, 4, 4]))
    x = try graph.add(Conv(), x, drawn("conv.weight", [8, 8, 1, 3]), name: "conv")
    x = try graph.add(Flatten(), graph.add(GlobalAveragePool(), x))
    x = try graph.add(MatMul(), x, drawn("product", [8, 4]))
    x = try graph.add(Gemm(), x, drawn("columns", [4, 8]))
    x = try graph.add(Gemm(transB: true), x, drawn("rows", [3, 8]))
    graph.addOutput(x, name: "output")
    return graph
  }

  /// Along the axis that products are summed over: neighbours lie `step` elements apart.
  @Test(arguments: [("2:4", 2, 4), ("1:4", 1, 4), ("1:2", 1, 2)])
  func patternsAlongTheInputs(word: String, kept: Int, length: Int) throws {
    let graph = try layers()
    let result = try outcome(["granularity": .word(word)], graph)
    for (name, count, step) in [
      ("conv.weight", 8, 3), ("product", 8, 4), ("columns", 4, 8), ("rows", 8, 1),
    ] {
      let (before, after) = (graph.floats(name), result.graph.floats(name))
      for start in before.indices
      where start / step % count == 0 && start + (count - 1) * step < before.count {
        for first in stride(from: 0, to: count, by: length) {
          let places = (first..<first + length).map { start + $0 * step }
          let stay = places.filter { after[$0] != 0 }
          #expect(stay.count == kept, "\(name)")
          let largest = places.sorted { before[$0].magnitude > before[$1].magnitude }.prefix(kept)
          #expect(Set(stay) == Set(largest), "\(name)")
          #expect(stay.allSatisfy { after[$0] == before[$0] })
        }
      }
    }
  }

  @Test func layersThatPatternsDoNotFitStayWhole() throws {
    let result = try outcome(["granularity": .word("4:8")])
    #expect(result.graph.floats("conv.weight").allSatisfy { $0 != 0 })
    #expect(result.graph.floats("fc.weight").count { $0 == 0 } == 24)
    #expect(result.notes.contains { $0.contains("conv.weight") && $0.contains("patterns of 8") })
  }

  /// While training, patterns grow sparse one by one: 3 of 4 are kept before 2 of 4.
  @Test func patternsAreReachedWhileTraining() throws {
    let method = try Pruning(given: [
      "granularity": .word("2:4"), "epochs": .wholeNumber(3), "batch": .wholeNumber(6),
      "interval": .wholeNumber(4), "learning-rate": .number(0.01),
    ])
    let graph = try method.apply(to: problem.network, problem.context).graph
    #expect(graph.floats("fc.weight").count { $0 == 0 } == 24)
    let weights = graph.floats("fc.weight")
    for first in stride(from: 0, to: 48, by: 4) {
      #expect(weights[first..<first + 4].count { $0 == 0 } == 2)
    }
  }
}
