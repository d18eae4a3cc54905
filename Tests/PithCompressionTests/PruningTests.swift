import Foundation
import PithCompression
import PithGraph
import PithTensors
import PithTraining
import Testing

@Suite struct PruningTests {
  private let problem: SmallProblem

  init() throws { problem = try SmallProblem() }

  private func pruned(_ given: [String: SettingValue], _ graph: Graph? = nil) throws -> Graph {
    try Pruning(given: given).apply(to: graph ?? problem.network, problem.context).graph
  }

  private func zeros(_ graph: Graph, _ name: String) -> Int {
    graph.floats(name).count { $0 == 0 }
  }

  /// 288 weights of the convolution and 48 of the last layer.
  @Test(arguments: [0.0, 0.1, 0.29, 0.5, 0.98])
  func exactShareOfAllWeights(sparsity: Double) throws {
    let graph = try pruned(["sparsity": .number(sparsity), "epochs": .wholeNumber(0)])
    #expect(
      zeros(graph, "conv.weight") + zeros(graph, "fc.weight") == Int((336 * sparsity).rounded()))
    let before = problem.network.floats("conv.weight")
    let after = graph.floats("conv.weight")
    let largest = zip(before, after).map { $1 == 0 ? $0.magnitude : 0 }.max() ?? 0
    for (old, new) in zip(before, after) {
      #expect(new == 0 ? old.magnitude <= largest : new == old && old.magnitude >= largest)
      #expect(new != 0 || new.sign == .plus)
    }
    #expect(graph.floats("conv.bias") == problem.network.floats("conv.bias"))
    #expect(graph.floats("bn.weight") == problem.network.floats("bn.weight"))
  }

  @Test(arguments: [0.25, 0.9])
  func sameShareOfEachLayer(sparsity: Double) throws {
    let graph = try pruned([
      "sparsity": .number(sparsity), "scope": .word("local"), "epochs": .wholeNumber(0),
    ])
    #expect(zeros(graph, "conv.weight") == Int((288 * sparsity).rounded()))
    #expect(zeros(graph, "fc.weight") == Int((48 * sparsity).rounded()))
  }

  /// Of equal weights the earlier ones go first, and no more than were asked for.
  @Test(arguments: ["global", "local"])
  func ties(scope: String) throws {
    var network = problem.network
    for name in ["conv.weight", "fc.weight"] {
      network.setFloats(name) { weights in
        for index in weights.indices { weights[index] = index % 2 == 0 ? 0.5 : -0.5 }
      }
    }
    let graph = try pruned(
      ["sparsity": .number(0.5), "scope": .word(scope), "epochs": .wholeNumber(0)], network)
    #expect(zeros(graph, "conv.weight") == (scope == "global" ? 168 : 144))
    #expect(zeros(graph, "fc.weight") == (scope == "global" ? 0 : 24))
    #expect(graph.floats("conv.weight").prefix(144).allSatisfy { $0 == 0 })
    #expect(graph.floats("conv.weight").last == -0.5)
  }

  /// A layer of small weights is not cut away whole; the other gives the rest.
  @Test func aThresholdLeavesSomethingOfEachLayer() throws {
    var network = problem.network
    network.setFloats("fc.weight") { weights in
      for index in weights.indices { weights[index] *= 1e-6 }
    }
    let graph = try pruned(["sparsity": .number(0.5), "epochs": .wholeNumber(0)], network)
    #expect(zeros(graph, "fc.weight") == 47)
    #expect(zeros(graph, "conv.weight") == 168 - 47)
  }

  @Test func skippedLayersStayWhole() throws {
    let graph = try pruned([
      "sparsity": .number(0.5), "skip": .list([.word("conv*")]), "epochs": .wholeNumber(0),
    ])
    #expect(zeros(graph, "conv.weight") == 0)
    #expect(zeros(graph, "fc.weight") == 24)
    let all = try Pruning(given: ["skip": .list([.word("*")]), "epochs": .wholeNumber(0)])
    #expect(throws: CompressionError.self) {
      try all.apply(to: problem.network, problem.context)
    }
  }

  @Test(
    arguments: SparsitySchedule.allCases.filter { $0 != .denseSparseDense }, [0.5, 1.0])
  func trainingReachesTheSparsityAndKeepsIt(schedule: SparsitySchedule, ramp: Double) throws {
    let graph = try pruned([
      "sparsity": .number(0.75), "schedule": .word(schedule.rawValue), "ramp": .number(ramp),
      "epochs": .wholeNumber(3), "batch": .wholeNumber(6), "learning-rate": .number(0.05),
    ])
    #expect(zeros(graph, "conv.weight") + zeros(graph, "fc.weight") == 252)
    let weights = graph.floats("conv.weight") + graph.floats("fc.weight")
    #expect(weights.allSatisfy { $0 != 0 || $0.sign == .plus })
    #expect(graph.floats("conv.weight") != problem.network.floats("conv.weight"))
    // Training on leaves each zero where it is.
    let method = try FineTune(given: [
      "epochs": .wholeNumber(2), "batch": .wholeNumber(8), "optimizer": .word("adam"),
      "learning-rate": .number(0.01),
    ])
    let tuned = try method.apply(to: graph, problem.context).graph
    for name in ["conv.weight", "fc.weight"] {
      let pairs = zip(graph.floats(name), tuned.floats(name))
      #expect(pairs.allSatisfy { ($0 == 0) == ($1 == 0) })
      #expect(graph.floats(name) != tuned.floats(name))
    }
  }

  @Test(arguments: [Float.nan, .infinity])
  func numbersThatAreNone(value: Float) throws {
    var network = problem.network
    network.setFloats("fc.weight") { $0[3] = value }
    let error = #expect(throws: CompressionError.self) { try pruned([:], network) }
    #expect(error?.description.contains("fc.weight") == true)
  }

  @Test func trainingNeedsData() throws {
    let method = try Pruning(given: [:])
    let error = #expect(throws: CompressionError.self) {
      try method.apply(to: problem.network, problem.contextWithoutData)
    }
    #expect(error?.description.contains("pruning needs data") == true)
    let untrained = try Pruning(given: ["epochs": .wholeNumber(0)])
    _ = try untrained.apply(to: problem.network, problem.contextWithoutData)
  }
}
