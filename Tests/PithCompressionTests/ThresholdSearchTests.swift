import Foundation
import PithCompression
import PithData
import PithGraph
import PithTensors
import PithTraining
import Testing

@Suite("Threshold search")
struct ThresholdSearchTests {
  /// Trained for a little, so that there is an accuracy to lose.
  private static let trained = Result {
    let problem = try ResidualProblem(samples: 256)
    return try FineTune(given: [
      "epochs": .wholeNumber(8), "batch": .wholeNumber(16), "learning-rate": .number(0.05),
    ]).apply(to: problem.network, problem.context).graph
  }

  private let problem: ResidualProblem
  private let network: Graph

  init() throws {
    problem = try ResidualProblem(samples: 256)
    network = try Self.trained.get()
  }

  private func search(
    _ given: [String: SettingValue], checkpoint: URL? = nil
  ) throws -> Outcome {
    let usual: [String: SettingValue] = ["probes": .wholeNumber(8), "epochs": .wholeNumber(0)]
    var context = problem.context
    context.checkpoint = checkpoint
    return try ThresholdSearch(given: usual.merging(given) { $1 }).apply(to: network, context)
  }

  private func accuracy(_ graph: Graph) throws -> Double {
    try Evaluator(graph, try #require(problem.data.validation), preprocessing: .raw).run().top1
  }

  private func zeros(_ graph: Graph, _ name: String) -> Int {
    graph.floats(name).count { $0 == 0 }
  }

  @Test("prunes within the loss allowed", arguments: ["predictor", "random", "sweep"])
  func fine(_ strategy: String) throws {
    #expect(try accuracy(network) > 0.5)
    let outcome = try search(["strategy": .word(strategy), "drop": .number(0.1)])
    #expect(try accuracy(outcome.graph) >= accuracy(network) - 0.1 - 1e-9)
    #expect(outcome.notes.first?.hasPrefix("\(strategy): ") == true)
    let names = ["stem.weight", "first.weight", "second.weight", "fc.weight"]
    let isPruned = names.contains { zeros(outcome.graph, $0) > 0 }
    #expect(isPruned != outcome.warnings.contains { $0.contains("nothing is pruned") })
    #expect(isPruned || strategy == "random")
  }

  /// |w| < t sigma, worked out here on its own.
  @Test("thresholds are in standard deviations of the layer chosen")
  func firstLayer() throws {
    let outcome = try search([
      "strategy": .word("sweep"), "layers": .list([.word("first")]), "probes": .wholeNumber(1),
      "largest": .number(0.7), "drop": .number(1),
    ])
    let weights = network.floats("stem.weight")
    let mean = weights.reduce(0.0) { $0 + Double($1) } / Double(weights.count)
    let variance =
      weights.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
      / Double(weights.count)
    let below = weights.map { Double($0.magnitude) < 0.7 * variance.squareRoot() }
    #expect(outcome.graph.floats("stem.weight").map { $0 == 0 } == below)
    #expect(outcome.graph.floats("first.weight") == network.floats("first.weight"))
  }

  @Test("channels below a share of the largest norm go, and the network is smaller")
  func filter() throws {
    let outcome = try search([
      "strategy": .word("sweep"), "granularity": .word("filter"), "layers": .list([.word("first")]),
      "probes": .wholeNumber(1), "largest": .number(0.9), "drop": .number(1),
    ])
    let groups = try network.pruningGroups().groups
    let scores = try ChannelL2.scores(of: groups, in: network, problem.context)[0]
    let kept = scores.count { $0 >= 0.9 * (scores.max() ?? 0) }
    #expect(kept < 32)
    #expect(try outcome.graph.pruningGroups().groups[0].count == kept)
    let all = try search(["granularity": .word("filter"), "drop": .number(0.2)])
    #expect(try accuracy(all.graph) >= accuracy(network) - 0.2 - 1e-9)
  }

  @Test("pruned weights stay zero in training")
  func training() throws {
    let given: [String: SettingValue] = ["drop": .number(0.1), "strategy": .word("sweep")]
    let pruned = try search(given).graph
    let trained = try search(given.merging(["epochs": .wholeNumber(2)]) { $1 })
    #expect(trained.epochs.count == 2)
    for name in ["stem.weight", "first.weight", "second.weight", "fc.weight"] {
      let pairs = zip(pruned.floats(name), trained.graph.floats(name))
      #expect(pairs.allSatisfy { ($0 == 0) == ($1 == 0) })
      #expect(pruned.floats(name) != trained.graph.floats(name))
    }
  }

  @Test("tells of the other strategies, and of what was expected")
  func notes() throws {
    let outcome = try search(["compare": .flag(true), "drop": .number(0.1)])
    for strategy in searchStrategies {
      #expect(outcome.notes.contains { $0.hasPrefix("\(strategy.name): 8 probes") })
    }
    #expect(outcome.notes.contains { $0.hasPrefix("thresholds in deviations: stem.weight ") })
    #expect(outcome.notes.contains { $0.hasPrefix("chosen at probe ") })
  }

  /// What was measured before an interruption is read back: times could not be measured again.
  @Test("goes on with the probes that a stopped search left")
  func resume() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("pith-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let checkpoint = folder.appendingPathComponent("training.npz")
    let given: [String: SettingValue] = [
      "drop": .number(0.1), "objective": .word("latency"), "probes": .wholeNumber(4),
    ]
    let first = try search(given, checkpoint: checkpoint)
    let file = folder.appendingPathComponent("training.npz.probes")
    let kept = try Data(contentsOf: file)
    let second = try search(given, checkpoint: checkpoint)
    #expect(try Data(contentsOf: file) == kept)
    for value in first.graph.orderedWeights {
      #expect(first.graph.weights[value] == second.graph.weights[value])
    }
    let untouched = try search(["drop": .number(0.1)])
    let again = try search(["drop": .number(0.1)])
    for value in untouched.graph.orderedWeights {
      #expect(untouched.graph.weights[value] == again.graph.weights[value])
    }
  }

  @Test("leaves a network whole where nothing is allowed, and refuses what cannot be")
  func refusals() throws {
    let whole = try search([
      "strategy": .word("sweep"), "probes": .wholeNumber(1), "largest": .number(50),
      "drop": .number(0.01),
    ])
    #expect(zeros(whole.graph, "stem.weight") == 0)
    #expect(whole.warnings.contains { $0.contains("nothing is pruned") })
    #expect(throws: CompressionError.self) { try search(["layers": .list([.word("none*")])]) }
    #expect(throws: CompressionError.self) {
      try ThresholdSearch(given: [:]).apply(
        to: network, Context(data: nil, teacher: network))
    }
    let unheld = try SmallProblem()
    #expect(throws: CompressionError.self) {
      try ThresholdSearch(given: [:]).apply(to: unheld.network, unheld.context)
    }
    for bad: [String: SettingValue] in [
      ["strategy": .word("guess")], ["drop": .number(-0.1)], ["probes": .wholeNumber(0)],
      ["layers": .list([])], ["granularity": .word("filter"), "largest": .number(2)],
    ] {
      #expect(throws: SettingError.self) { try ThresholdSearch(given: bad) }
    }
  }
}
