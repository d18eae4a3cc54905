import Foundation
import PithCompression
import PithData
import PithGraph
import PithModels
import PithOperators
import PithTensors
import PithTraining
import Testing

@Suite("Learnable masks")
struct LearnableMasksTests {
  private func share(_ graph: Graph, of whole: Graph, _ count: (PruningGroup.Cost) -> Int) throws
    -> Double
  {
    let (less, all) = (
      StructureCost(try graph.withKnownShapes()).total,
      StructureCost(try whole.withKnownShapes()).total
    )
    return Double(count(less)) / Double(count(all))
  }

  private func masks(_ given: [String: SettingValue]) throws -> LearnableMasks {
    let usual: [String: SettingValue] = [
      "epochs": .wholeNumber(8), "batch": .wholeNumber(16), "learning-rate": .number(0.05),
    ]
    return try LearnableMasks(given: usual.merging(given) { $1 })
  }

  @Test("meet a budget of multiply-accumulates", arguments: ["binary", "hard-concrete"])
  func macs(_ gate: String) throws {
    let problem = try ResidualProblem(samples: 256)
    let outcome = try masks(["macs": .number(0.5), "gate": .word(gate)])
      .apply(to: problem.network, problem.context)
    #expect(abs(try share(outcome.graph, of: problem.network, \.macs) - 0.5) <= 0.01)
    #expect(outcome.epochs.count == 8)
    #expect(outcome.epochs.allSatisfy { $0.validation != nil })
    let measured = try Evaluator(
      outcome.graph, try #require(problem.data.validation),
      preprocessing: problem.data.preprocessing
    ).run()
    #expect(measured.top1 > 0.5)
  }

  @Test("meet a budget of parameters, and train on")
  func parameters() throws {
    let problem = try ResidualProblem(samples: 64, width: 64)
    let outcome = try masks(["parameters": .number(0.3), "fine-tune-epochs": .wholeNumber(2)])
      .apply(to: problem.network, problem.context)
    #expect(abs(try share(outcome.graph, of: problem.network, \.parameters) - 0.3) <= 0.006)
    #expect(outcome.epochs.map(\.epoch) == Array(0..<10))
  }

  /// The stem and the end of the block write to one stream, whose channels have one gate each.
  @Test("share gates between layers whose channels go together")
  func shared() throws {
    let problem = try ResidualProblem()
    let outcome = try masks(["macs": .number(0.4)]).apply(to: problem.network, problem.context)
    func extents(_ name: String) throws -> [Int] {
      try #require(outcome.graph.value(named: name).flatMap { outcome.graph.weights[$0] })
        .shape.dimensions
    }
    let (stem, first, second) = (
      try extents("stem.weight"), try extents("first.weight"), try extents("second.weight")
    )
    #expect(stem[0] == first[1] && stem[0] == second[0] && first[0] == second[1])
    #expect(try extents("fc.weight") == [4, stem[0]])
    #expect(stem[0] < 32 || first[0] < 32)
  }

  @Test("give the same bits for the same seed", arguments: ["binary", "hard-concrete"])
  func repeatable(_ gate: String) throws {
    let problem = try ResidualProblem(samples: 64, width: 16)
    let runs = try (0..<2).map { _ in
      try masks(["gate": .word(gate), "epochs": .wholeNumber(2)])
        .apply(to: problem.network, problem.context).graph
    }
    for value in runs[0].orderedWeights {
      #expect(runs[0].weights[value] == runs[1].weights[value])
    }
  }

  @Test("leave alone what is named, and refuse two budgets")
  func settings() throws {
    let problem = try ResidualProblem(samples: 32, width: 8)
    let outcome = try masks([
      "skip": .list([.word("fc")]), "epochs": .wholeNumber(1), "macs": .number(0.6),
    ]).apply(to: problem.network, problem.context)
    #expect(outcome.graph.floats("stem.weight").count == 8 * 27)
    #expect(outcome.graph.floats("first.weight").count < 8 * 72)
    #expect(throws: SettingError.self) {
      try masks(["macs": .number(0.5), "parameters": .number(0.5)])
    }
    #expect(throws: CompressionError.self) {
      try masks([:]).apply(
        to: problem.network, Context(data: nil, teacher: problem.network))
    }
  }
}

@Suite("Gates in training")
struct GateTrainingTests {
  private func gates(_ network: Graph, _ kind: GateKind) throws -> (GateTraining, PruningGroups) {
    let groups = try network.pruningGroups()
    let budget = BudgetModel(groups.groups, bound: groups.bound, counting: \.macs)
    return (
      GateTraining(
        kind: kind, groups: groups.groups.map(\.count),
        sites: GateSites(groups.groups, bound: groups.bound), budget: budget, seed: 3), groups
    )
  }

  /// Built-in networks with plain, residual, depthwise and padded connections.
  @Test("know what a network without some channels costs")
  func budget() throws {
    let size = ImageSize(channels: 3, height: 32, width: 32)
    let networks = [
      try ResidualProblem().network, try ResNet20.network(input: size, classes: 10, seed: 1),
      try MobileNetV1.network(input: size, classes: 10, seed: 1),
    ]
    var random = Philox(seed: 11)
    for network in networks {
      let groups = try network.pruningGroups()
      let counts: [(PruningGroup.Cost) -> Int] = [{ $0.macs }, { $0.parameters }]
      for count in counts {
        let model = BudgetModel(groups.groups, bound: groups.bound, counting: count)
        let cost = StructureCost(groups.bound)
        for _ in 0..<4 {
          var removal = ChannelRemoval()
          let left = groups.groups.map { group in
            let removed = Int(random.next() % UInt64(group.count))
            removal.remove(random.permutation(group.count).prefix(removed), of: group)
            return Double(group.count - removed)
          }
          let expected =
            1 - Double(count(cost.cost(of: removal))) / Double(count(cost.total))
          #expect(abs(model.share(left) - expected) < 1e-9)
        }
      }
    }
  }

  /// With gates closed a network computes what it computes without their channels.
  @Test("silence what they close")
  func closed() throws {
    let problem = try ResidualProblem(width: 8)
    let (gates, groups) = try gates(problem.network, .binary)
    let openings = (0..<gates.sites.count).map { Float($0 % 3 == 0 ? 0 : 1) }
    let applied = try gates.sites.applying(
      openings, kept: openings.map { _ in true }, to: problem.network)
    var removal = ChannelRemoval()
    var first = 0
    for group in groups.groups {
      removal.remove((0..<group.count).filter { openings[first + $0] == 0 }, of: group)
      first += group.count
    }
    let smaller = try problem.network.removing(removal)
    let split = try #require(problem.data.validation)
    let results = try [applied, smaller].map {
      try Evaluator($0, split, preprocessing: .raw).run()
    }
    #expect(results[0].top1 == results[1].top1)
    #expect(abs(results[0].loss - results[1].loss) < 1e-5)
  }

  @Test("continue from a checkpoint to the same bits", arguments: GateKind.allCases)
  func resume(_ kind: GateKind) throws {
    let problem = try ResidualProblem(samples: 48, width: 8)
    let (gates, _) = try gates(problem.network, kind)
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("pith-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func trainer(_ checkpoint: URL?) throws -> Trainer {
      let trainer = try Trainer(
        problem.network, problem.data, TrainingSettings(epochs: 2, batch: 12), addition: gates)
      trainer.checkpoint = checkpoint
      trainer.willStep = { trainer in
        try trainer.setAdded(
          Tensor(scalar: 1 + Float(trainer.step) / 8), of: trainer.added.states[0])
      }
      return trainer
    }
    let straight = try trainer(nil)
    let expected = try straight.run()
    let checkpoint = folder.appendingPathComponent("job.checkpoint")
    let stopped = try trainer(checkpoint)
    stopped.shouldStop = { [unowned stopped] in stopped.step == 5 }
    #expect(throws: TrainingError.self) { try stopped.run() }
    let last = try trainer(checkpoint)
    try last.resume()
    #expect(last.step == 5)
    let result = try last.run()
    for value in expected.orderedWeights {
      #expect(expected.weights[value] == result.weights[value])
    }
    let values = straight.added.parameters.map(\.value) + straight.added.states
    for value in values { #expect(try straight.added(value) == last.added(value)) }
    #expect(try straight.added(values[0]).floats.contains { $0 != kind.start })
    #expect(try straight.added(values[2]).floats[0] > 0)
  }
}
