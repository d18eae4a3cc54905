import PithCompression
import PithGraph
import PithModels
import PithOperators
import PithTensors
import PithTraining
import Testing

@Suite struct ChannelPruningTests {
  @Test(
    "Half of the multiply-accumulates, the parameters or the channels stay",
    arguments: [
      "macs", "parameters", "channels",
    ])
  func budgets(_ budget: String) throws {
    let graph = try ResNet20.network(
      input: ImageSize(channels: 3, height: 32, width: 32), classes: 10, seed: 1)
    let outcome = try ChannelPruning(given: [
      budget: .number(0.5), "epochs": .wholeNumber(0), "criterion": .word("l2"),
    ]).apply(to: graph, Context(data: nil, teacher: graph))
    let (before, after) = (
      StructureCost(try graph.withKnownShapes()).total,
      StructureCost(try outcome.graph.withKnownShapes()).total
    )
    let left: [String: Double] = [
      "macs": Double(after.macs) / Double(before.macs),
      "parameters": Double(after.parameters) / Double(before.parameters),
    ]
    if let share = left[budget] { #expect(share <= 0.5 && share > 0.47) }
    if budget == "channels" {
      let count = try outcome.graph.pruningGroups().groups.reduce(0) { $0 + $1.count }
      #expect(count == 200)
    }
  }

  @Test("The channels kept are a multiple of what was asked for")
  func rounding() throws {
    let graph = try MobileNetV1.network(
      input: ImageSize(channels: 3, height: 32, width: 32), classes: 10, seed: 1)
    let outcome = try ChannelPruning(given: [
      "parameters": .number(0.4), "epochs": .wholeNumber(0), "round": .wholeNumber(8),
    ]).apply(to: graph, Context(data: nil, teacher: graph))
    let counts = try outcome.graph.pruningGroups().groups.map(\.count)
    #expect(counts.allSatisfy { $0.isMultiple(of: 8) }, "\(counts)")
  }

  @Test("Rounding stays near the budget, and lets the new channels of a stage go as a whole")
  func wholeGroups() throws {
    let graph = try ResNet20.network(
      input: ImageSize(channels: 3, height: 32, width: 32), classes: 10, seed: 1)
    let outcome = try ChannelPruning(given: [
      "macs": .number(0.5), "epochs": .wholeNumber(0), "round": .wholeNumber(16),
    ]).apply(to: graph, Context(data: nil, teacher: graph))
    let left = StructureCost(try outcome.graph.withKnownShapes()).total.macs
    let whole = StructureCost(try graph.withKnownShapes()).total.macs
    let share = Double(left) / Double(whole)
    #expect(share <= 0.5 && share > 0.4)
    for node in outcome.graph.nodes where node.operator is Conv {
      let filters = outcome.graph.type(of: node.output!)?.dimensions[1].size ?? 0
      #expect(filters.isMultiple(of: 16), "\(node.name): \(filters)")
    }
  }

  @Test(
    "The filter whose weights are nothing goes first, whatever the criterion that looks at weights",
    arguments: ["greg", "l1", "l2"])
  func deadFilter(_ criterion: String) throws {
    var problem = try SmallProblem()
    problem.network.setFloats("conv.weight") { floats in
      for index in (5 * 18)..<(6 * 18) { floats[index] = 0 }
    }
    let outcome = try ChannelPruning(given: [
      "channels": .number(0.94), "epochs": .wholeNumber(0), "criterion": .word(criterion),
    ]).apply(to: problem.network, problem.context)
    #expect(outcome.graph.floats("conv.weight").count == 15 * 18)
    let expected = problem.network.floats("bn.weight")
    #expect(outcome.graph.floats("bn.weight").count == expected.count - 1)
    let kept = problem.network.floats("conv.weight")
    #expect(
      outcome.graph.floats("conv.weight") == Array(kept[..<(5 * 18)]) + Array(kept[(6 * 18)...]))
  }

  @Test("Slimming trains the scales towards zero before channels go") func slimming() throws {
    let problem = try SmallProblem()
    func scales(_ penalty: Double) throws -> Float {
      let outcome = try ChannelPruning(given: [
        "channels": .number(0.5), "epochs": .wholeNumber(1), "penalty-epochs": .wholeNumber(3),
        "batch": .wholeNumber(8), "criterion": .word("slimming"), "penalty": .number(penalty),
      ]).apply(to: problem.network, problem.context)
      #expect(outcome.epochs.map(\.epoch) == [0, 1, 2, 3])
      #expect(outcome.graph.floats("conv.weight").count == 8 * 18)
      return outcome.graph.floats("bn.weight").reduce(0) { $0 + $1.magnitude }
    }
    #expect(try scales(0.5) < 0.9 * scales(0))
  }

  @Test("The growing penalty shrinks what will go, and nothing else") func growing() throws {
    let problem = try SmallProblem()
    let groups = try problem.network.pruningGroups()
    let addition = try #require(
      ChannelGrowingPenalty.penalty(
        0.05, on: ChannelRemoval([2, 7], of: groups.groups[0]), of: groups, in: problem.network))
    func norms(_ addition: (any TrainingAddition)?) throws -> [Float] {
      let settings = TrainingSettings(epochs: 4, batch: 8)
      let weights = try Trainer(problem.network, problem.data, settings, addition: addition).run()
        .floats("conv.weight")
      return (0..<16).map { filter in
        weights[(18 * filter)..<(18 * filter + 18)].reduce(0) { $0 + $1.magnitude }
      }
    }
    let (plain, shrunk) = (try norms(nil), try norms(addition))
    for filter in 0..<16 {
      let ratio = shrunk[filter] / plain[filter]
      #expect([2, 7].contains(filter) ? ratio < 0.5 : (0.8...1.2).contains(ratio))
    }
  }

  @Test("What stays is trained") func training() throws {
    let problem = try SmallProblem()
    let outcome = try ChannelPruning(given: [
      "channels": .number(0.5), "epochs": .wholeNumber(2), "batch": .wholeNumber(16),
      "distill": .flag(true),
    ]).apply(to: problem.network, problem.context)
    #expect(outcome.epochs.count == 2)
    #expect(outcome.graph.floats("conv.weight").count == 8 * 18)
    #expect(outcome.graph.floats("fc.weight").count == 3 * 8)
  }

  @Test("Norms are those of the filters") func norms() throws {
    let problem = try SmallProblem()
    let groups = try problem.network.pruningGroups()
    let weights = problem.network.floats("conv.weight")
    let filters = (0..<16).map { weights[($0 * 18)..<($0 * 18 + 18)] }
    let l1 = try ChannelL1.scores(of: groups.groups, in: problem.network, problem.context)
    let l2 = try ChannelL2.scores(of: groups.groups, in: problem.network, problem.context)
    for (index, filter) in filters.enumerated() {
      let sum = filter.reduce(0.0) { $0 + Double($1.magnitude) }
      let squares = filter.reduce(0.0) { $0 + Double($1) * Double($1) }
      #expect(abs(l1[0][index] - sum) < 1e-9 * sum)
      #expect(abs(l2[0][index] - squares.squareRoot()) < 1e-6)
    }
  }

  /// Filters of the stem, and of the layer inside the block.
  private func widths(_ more: [String: SettingValue], _ problem: ResidualProblem) throws -> [Int] {
    let usual: [String: SettingValue] = ["epochs": .wholeNumber(0), "floor": .number(0)]
    let graph = try ChannelPruning(given: usual.merging(more) { $1 })
      .apply(to: problem.network, problem.context).graph
    return ["stem.weight", "first.weight"].map {
      graph.weights[graph.value(named: $0)!]!.shape[0]
    }
  }

  @Test("Layers keep the share that was given, the others what is left of the budget")
  func layers() throws {
    let problem = try ResidualProblem()
    func widths(_ shares: [String: SettingValue], _ more: [String: SettingValue] = [:]) throws
      -> [Int]
    {
      let settings: [String: SettingValue] = [
        "channels": .number(0.5), "layers": .mapping(shares),
      ]
      return try self.widths(settings.merging(more) { $1 }, problem)
    }
    #expect(try widths(["first": .number(0.25)]) == [24, 8])
    #expect(try widths(["second": .number(0.25)]) == [8, 24])
    #expect(try widths(["st*": .number(1)], ["channels": .number(0.75)]) == [32, 16])
    // The longest name counts, and what is read is not what is made.
    #expect(try widths(["*": .number(0.5), "first.weight": .number(0.75)]) == [16, 24])
    #expect(try widths(["fc": .number(0.25)], ["scope": .word("local")]) == [16, 16])
    let settings: [String: SettingValue] = [
      "layers": .mapping(["nobody": .number(0.5)]), "epochs": .wholeNumber(0),
    ]
    let outcome = try ChannelPruning(given: settings).apply(to: problem.network, problem.context)
    #expect(outcome.warnings.contains { $0.contains("nobody") })
  }

  @Test("In rounds the same is left as at once, with training between") func rounds() throws {
    let problem = try ResidualProblem()
    for epochs in [0, 3] {
      let outcome = try ChannelPruning(given: [
        "channels": .number(0.25), "schedule": .word("iterative"), "rounds": .wholeNumber(2),
        "epochs": .wholeNumber(epochs), "batch": .wholeNumber(32), "scope": .word("local"),
      ]).apply(to: problem.network, problem.context)
      #expect(outcome.graph.floats("first.weight").count == 8 * 8 * 9)
      #expect(outcome.epochs.map(\.epoch) == Array(0..<epochs))
    }
    let shares: [String: SettingValue] = [
      "layers": .mapping(["first": .number(0.25)]), "channels": .number(0.5),
      "schedule": .word("iterative"), "rounds": .wholeNumber(2),
    ]
    #expect(try widths(shares, problem) == [24, 8])
  }

  @Test("The first layer alone loses filters, those of the smallest norms") func firstLayer() throws
  {
    let graph = try VGG11.network(
      input: ImageSize(channels: 3, height: 32, width: 32), classes: 10, seed: 1)
    let outcome = try ChannelPruning(given: [
      "criterion": .word("first-layer-l1"), "epochs": .wholeNumber(0),
    ]).apply(to: graph, Context(data: nil, teacher: graph))
    let (before, after) = (graph.filters(), outcome.graph.filters())
    #expect(after[0] == before[0] / 2 && after.dropFirst() == before.dropFirst())
    let first = try #require(graph.nodes.first { $0.operator is Conv }?.inputs[1])
    let norms = stride(from: 0, to: graph.weights[first]!.count, by: 27).map { start in
      graph.weights[first]!.floats[start..<start + 27].reduce(0) { $0 + $1.magnitude }
    }
    let kept = outcome.graph.weights[first]!.floats
    let least = stride(from: 0, to: kept.count, by: 27).map { start in
      kept[start..<start + 27].reduce(0) { $0 + $1.magnitude }
    }.min()!
    #expect(least == norms.sorted()[32])
  }

  @Test("Settings that exclude each other, or make no sense, are refused") func refusals() {
    #expect(throws: SettingError.self) {
      try ChannelPruning(given: ["macs": .number(0.5), "channels": .number(0.5)])
    }
    #expect(throws: SettingError.self) { try ChannelPruning(given: ["round": .word("some")]) }
    #expect(throws: CompressionError.self) {
      let problem = try SmallProblem()
      _ = try ChannelPruning(given: ["skip": .word("*")])
        .apply(to: problem.network, problem.context)
    }
  }
}

extension Graph {
  /// The filters of each convolution.
  fileprivate func filters() -> [Int] {
    nodes.filter { $0.operator is Conv }.map { weights[$0.inputs[1]!]!.shape[0] }
  }
}
