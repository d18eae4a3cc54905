import Foundation
import PithCompression
import PithData
import PithGraph
import PithRuntime
import PithTensors
import PithTraining
import Testing

@Suite struct PruningSettingsTests {
  private let problem: SmallProblem

  init() throws { problem = try SmallProblem() }

  private func pruned(_ given: [String: SettingValue]) throws -> Graph {
    let given = given.merging(["epochs": .wholeNumber(0)]) { own, _ in own }
    return try Pruning(given: given).apply(to: problem.network, problem.context).graph
  }

  private func zeros(_ graph: Graph, _ name: String) -> Int {
    graph.floats(name).count { $0 == 0 }
  }

  /// The longest pattern that matches counts; what is not named shares what is asked of the rest.
  @Test func sparsitiesByName() throws {
    let graph = try pruned([
      "sparsity": .number(0.5),
      "layers": .mapping(["conv*": .number(0.25), "*": .number(0.75), "c*": .number(0.1)]),
    ])
    #expect(zeros(graph, "conv.weight") == 72)
    #expect(zeros(graph, "fc.weight") == 36)
    let whole = try pruned(["sparsity": .number(0.5), "layers": .mapping(["fc": .number(0)])])
    #expect(zeros(whole, "fc.weight") == 0)
    #expect(zeros(whole, "conv.weight") == 144)
    let error = #expect(throws: SettingError.self) {
      try Pruning(given: ["layers": .mapping(["fc": .number(1.5)])])
    }
    #expect(error?.description.contains("layers is {fc: 1.5}") == true)
  }

  /// The last layer keeps 0.2^0.65 = 0.3513 with lookahead: 16.86 of 48.
  @Test(
    arguments: [
      ("lookahead", nil, 31), ("magnitude", nil, 38), ("magnitude", 0.5, 27),
    ] as [(String, Double?, Int)])
  func theLastLayerIsSpared(criterion: String, power: Double?, gone: Int) throws {
    var given: [String: SettingValue] = [
      "criterion": .word(criterion), "scope": .word("local"), "sparsity": .number(0.8),
    ]
    given["last-layer"] = power.map(SettingValue.number)
    let graph = try pruned(given)
    #expect(zeros(graph, "conv.weight") == 230)
    #expect(zeros(graph, "fc.weight") == gone)
  }

  private func deviation(_ values: [Float]) -> Double {
    let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
    let squares = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    return (squares / Double(values.count)).squareRoot()
  }

  @Test func weightsBelowAMultipleOfTheDeviationGo() throws {
    let graph = try pruned(["scope": .word("deviation"), "deviation": .number(0.8)])
    for name in ["conv.weight", "fc.weight"] {
      let before = problem.network.floats(name)
      let threshold = 0.8 * deviation(before)
      let expected = before.count { Double($0.magnitude) < threshold }
      // One threshold is rounded to a count of weights for both layers together.
      #expect((zeros(graph, name) - expected).magnitude <= 1)
      #expect(expected > 0)
    }
  }

  /// Without a multiple it is found from the sparsity, and layers of different scales lose alike.
  @Test func theMultipleFollowsFromTheSparsity() throws {
    var network = problem.network
    network.setFloats("fc.weight") { weights in
      for index in weights.indices { weights[index] *= 100 }
    }
    let method = try Pruning(given: [
      "scope": .word("deviation"), "sparsity": .number(0.5), "epochs": .wholeNumber(0),
    ])
    let graph = try method.apply(to: network, problem.context).graph
    #expect(zeros(graph, "conv.weight") + zeros(graph, "fc.weight") == 168)
    #expect(zeros(graph, "fc.weight") > 10)
    for given in [
      ["scope": "deviation", "criterion": "taylor"],
      ["schedule": "dynamic-surgery", "criterion": "obs"],
    ] {
      #expect(throws: SettingError.self) {
        try Pruning(given: given.mapValues(SettingValue.word))
      }
    }
    #expect(throws: SettingError.self) { try Pruning(given: ["deviation": .number(1)]) }
  }

  /// Each layer loses as many as magnitude says, and those that the criterion says.
  @Test func anotherCriterionSaysHowManyOfEachLayer() throws {
    let graph = try pruned([
      "criterion": .word("random"), "allocation": .word("magnitude"), "sparsity": .number(0.4),
    ])
    let magnitude = try pruned(["sparsity": .number(0.4)])
    let random = try pruned(["sparsity": .number(0.4), "criterion": .word("random")])
    for name in ["conv.weight", "fc.weight"] {
      #expect(zeros(graph, name) == zeros(magnitude, name))
      #expect(graph.floats(name) != magnitude.floats(name))
    }
    #expect(zeros(random, "fc.weight") != zeros(magnitude, "fc.weight"))
  }

  /// Dividing by each layer's mean makes layers of different scales lose alike too.
  @Test func normalizedScores() throws {
    var network = problem.network
    network.setFloats("fc.weight") { weights in
      for index in weights.indices { weights[index] *= 100 }
    }
    for (normalizes, least, most) in [(false, 0, 0), (true, 10, 40)] {
      let method = try Pruning(given: [
        "normalize": .flag(normalizes), "sparsity": .number(0.5), "epochs": .wholeNumber(0),
      ])
      let graph = try method.apply(to: network, problem.context).graph
      #expect((least...most).contains(zeros(graph, "fc.weight")))
    }
  }

  /// Every criterion prunes the share that was asked for, at once and while training.
  @Test(arguments: pruningCriteria.map { $0.name })
  func everyCriterionPrunes(criterion: String) throws {
    let once = try pruned(["criterion": .word(criterion), "sparsity": .number(0.6)])
    #expect(zeros(once, "conv.weight") + zeros(once, "fc.weight") == 202)
    let method = try Pruning(given: [
      "criterion": .word(criterion), "sparsity": .number(0.6), "schedule": .word("iterative"),
      "rounds": .wholeNumber(2), "epochs": .wholeNumber(1), "batch": .wholeNumber(16),
      "learning-rate": .number(0.01),
    ])
    let trained = try method.apply(to: problem.network, problem.context).graph
    #expect(zeros(trained, "conv.weight") + zeros(trained, "fc.weight") == 202)
  }

  /// Kept weights of a layer give nearly what all gave; moved ones do so better than those left
  /// alone.
  @Test func refittedLayersGiveWhatTheyGave() throws {
    let given: [String: SettingValue] = [
      "sparsity": .number(0.5), "scope": .word("local"), "skip": .list([.word("conv")]),
    ]
    let plain = try pruned(given)
    let fitted = try pruned(given.merging(["refit": .flag(true)]) { _, new in new })
    #expect(zeros(fitted, "fc.weight") == 24)
    #expect(fitted.floats("fc.weight") != plain.floats("fc.weight"))
    let errors = try [plain, fitted].map { graph in
      try zip(answers(graph), answers(problem.network)).reduce(0.0) {
        $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1))
      }
    }
    #expect(errors[1] < errors[0] / 2)
  }

  private func answers(_ graph: Graph) throws -> [Float] {
    var images: [Float] = []
    for index in 0..<problem.data.train.count {
      images += try problem.data.train.sample(at: index).floats
    }
    let count = problem.data.train.count
    let executable = try Executable(graph.withBatch(count))
    return try executable.run([Tensor(images, [count, 2, 6, 6])])[0].floats
  }

  @Test func denseSparseDenseEndsDense() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var context = problem.context
    context.checkpoint = folder.appending(path: "checkpoint")
    let method = try Pruning(given: [
      "schedule": .word("dense-sparse-dense"), "sparsity": .number(0.5), "epochs": .wholeNumber(3),
      "batch": .wholeNumber(8), "learning-rate": .number(0.05),
    ])
    let outcome = try method.apply(to: problem.network, context)
    #expect(zeros(outcome.graph, "conv.weight") + zeros(outcome.graph, "fc.weight") == 0)
    #expect(outcome.epochs.map(\.epoch) == [0, 1, 2])
    #expect(outcome.epochs[2].learningRate < outcome.epochs[0].learningRate)
    #expect(outcome.notes.contains { $0.contains("dense again") })
    // Both halves are found finished, and give the same again.
    let again = try method.apply(to: problem.network, context)
    #expect(again.graph.floats("conv.weight") == outcome.graph.floats("conv.weight"))
    // What was pruned starts from zero: it stays smaller than what never was.
    let sparse = try pruned(["sparsity": .number(0.5)])
    let pairs = zip(sparse.floats("conv.weight"), outcome.graph.floats("conv.weight"))
    let returned = pairs.filter { $0.0 == 0 }.map { $0.1.magnitude }
    let stayed = pairs.filter { $0.0 != 0 }.map { $0.1.magnitude }
    #expect((returned.max() ?? 1) < (stayed.reduce(0, +) / Float(stayed.count)))
    #expect(throws: SettingError.self) {
      try Pruning(given: ["schedule": .word("dense-sparse-dense"), "epochs": .wholeNumber(1)])
    }
  }
}
