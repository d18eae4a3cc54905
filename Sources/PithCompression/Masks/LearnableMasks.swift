import Foundation
import PithData
public import PithGraph
import PithOperators
import PithTensors
import PithTraining

/// Learns which channels to remove while the weights are trained: one gate for each channel of each
/// group, and a budget that closes gates until it is met.
public struct LearnableMasks: CompressionMethod {
  public static let name = "learnable-masks"
  public static let summary =
    "learns, together with the weights, which channels a budget has room for"
  public static let paper =
    "Louizos, Welling, Kingma: Learning sparse neural networks through L0 regularization, 2018; "
    + "Lemaire, Achkar, Jodoin: Structured pruning with budget-aware regularization, 2019"
  public static let settings =
    [
      Setting(
        "macs", .number(0.0001...1), default: nil,
        help: "share of the multiply-accumulates to keep"),
      Setting(
        "parameters", .number(0.0001...1), default: nil, help: "share of the parameters to keep"),
    ] + LatencyBudget.settings + [
      Setting(
        "gate", oneOf: GateKind.self, default: .binary,
        help: "whether gates are open or closed, or drawn between both at each step"),
      Setting(
        "ramp", .number(0...1), default: .number(0.5),
        help: "share of the training after which the whole budget is asked for"),
      Setting(
        "skip", .list(.text), default: .list([]),
        help: "layers that are left whole, by name; * stands for any letters"),
      Setting(
        "fine-tune-epochs", .wholeNumber(0...100_000), default: .wholeNumber(0),
        help:
          "passes over the training data once the channels are gone, at a tenth of the step size"),
    ] + FineTuning.settings(epochs: 10, learningRate: 0.01)

  let budget: ChannelSelection.Budget
  let kept: Double
  private let latencyBatch: Int
  let kind: GateKind
  private let ramp: Double
  private let skipped: [NamePattern]
  private let training: FineTuning
  private let tuning: FineTuning

  /// How far a gate can move while the target falls; it starts at about two.
  private static let travel = 10.0

  public init(_ values: SettingValues) throws(SettingError) {
    let budgets: [ChannelSelection.Budget] = [.macs, .parameters, .latency]
    let given = budgets.filter { values[$0.rawValue] != nil }
    guard given.count <= 1 else {
      throw .conflict("\(given.map(\.rawValue).joined(separator: " and ")) cannot both be given")
    }
    budget = given.first ?? .macs
    kept = given.isEmpty ? 0.5 : try values.number(budget.rawValue)
    latencyBatch = try values.wholeNumber("latency-batch")
    kind = try values.word("gate")
    ramp = try values.number("ramp")
    skipped = try values.list("skip").map { NamePattern($0.description) }
    training = try FineTuning(values)
    var tuning = training
    tuning.epochs = try values.wholeNumber("fine-tune-epochs")
    tuning.learningRate = (training.learningRate ?? training.optimizer.defaultLearningRate) / 10
    self.tuning = tuning
  }

  public func apply(to graph: Graph, _ context: Context) throws -> Outcome {
    guard training.epochs > 0, let data = context.data else {
      throw CompressionError.needsData(
        method: Self.name, why: "gates are learnt in training: epochs must be 1 or more")
    }
    let network = try graph.forInference()
    let groups = try network.pruningGroups { isSkipped($0, network) }
    let gated = groups.groups.filter { $0.count > 1 }
    guard !gated.isEmpty else {
      throw CompressionError.nothingToDo(
        method: Self.name, why: groups.frozen.first?.reason ?? "no layer has channels")
    }
    let timer = LatencyRecord(context)
    let latency =
      budget == .latency
      ? try LatencyBudget(of: network, gated, bound: groups.bound, batch: latencyBatch, timer) : nil
    let gates = gates(
      of: gated, in: network, bound: groups.bound, latency?.model, data, seed: context.seed)
    let learnt = try learn(gates, network, context)
    let hardening = LearntGates(
      a: learnt.a, gates: gates, graph: learnt.graph, groups: gated, latency: latency)
    let (hardened, remarks) = try hardening.hardened(keeping: kept)
    try RemovalCheck(learnt.graph, bound: groups.bound)(hardened.smaller, without: hardened.removal)
    var result = hardened.result
    result = try result.refreshingStatistics(
      on: data.train, preprocessing: data.preprocessing, seed: context.seed)
    var context = context
    context.checkpoint = context.checkpoint?.appendingPathExtension("tuning")
    let (trained, more) = try tuning.run(result, context, method: Self.name)
    var outcome = Outcome(trained, epochs: learnt.epochs + more.later(by: learnt.epochs.count))
    outcome.remarks =
      try self.remarks(groups, hardening, hardened) + remarks
      + hardening.latencyRemarks(hardened, timer)
    return outcome
  }

  private func isSkipped(_ node: Node, _ graph: Graph) -> Bool {
    skipped.contains { pattern in
      pattern.matches(node.name)
        || node.inputs.contains { input in
          input.map { graph.weights[$0] != nil && pattern.matches(graph.name(of: $0)) } ?? false
        }
    }
  }

  private func gates(
    of groups: [PruningGroup], in network: Graph, bound: Graph,
    _ latency: BudgetModel?, _ data: TrainingData, seed: UInt64
  ) -> GateTraining {
    let elements = network.weightElements(\.magnitude)
    let model =
      latency
      ?? BudgetModel(groups, bound: bound) { cost in
        budget == .parameters ? cost.parameters : cost.macs
      }
    let steps = Double(training.epochs * max(1, data.train.count / training.batch))
    let peak = training.learningRate ?? training.optimizer.defaultLearningRate
    let rate = Self.travel / max(1, ramp * steps) / max(peak, 1e-9)
    return GateTraining(
      kind: kind, scores: groups.map { $0.sums(of: elements) },
      sites: GateSites(groups, bound: bound),
      budget: model, rate: rate, seed: seed)
  }

  /// Trains weights and gates, the target falling from the whole to the budget.
  private func learn(_ gates: GateTraining, _ network: Graph, _ context: Context) throws
    -> (graph: Graph, a: [Float], epochs: [EpochResult])
  {
    guard
      let trainer = try training.trainer(network, context, method: Self.name, addition: gates),
      let parameter = trainer.added.parameters.first?.value,
      let inverse = trainer.added.states.first
    else { return (network, [], []) }
    let end = ramp * Double(trainer.totalSteps)
    trainer.willStep = { trainer in
      let share = end > 0 ? min(Double(trainer.step) / end, 1) : 1
      let target = 1 + (kept - 1) * share
      try trainer.setAdded(Tensor(scalar: Float(1 / target)), of: inverse)
    }
    trainer.measured = { trainer, network in
      let openings = try trainer.added(parameter).floats.map { kind.opening($0) }
      let isKept = openings.map { _ in true }
      return try gates.sites.applying(openings, kept: isKept, to: network)
    }
    let trained = try trainer.run()
    return (trained, try trainer.added(parameter).floats, trainer.epochs)
  }

  private func remarks(
    _ groups: PruningGroups, _ learnt: LearntGates, _ hardened: LearntGates.Hardened
  ) throws -> Remarks {
    var remarks = Remarks(notes: [
      "\(hardened.isKept.count { !$0 }) of \(hardened.isKept.count) channels removed; the gates "
        + "left \(percent(learnt.openShare)) of the \(budget.rawValue) open"
    ])
    guard budget != .latency else { return remarks }
    let (before, after) = (
      StructureCost(groups.bound).total,
      StructureCost(try hardened.smaller.withKnownShapes()).total
    )
    let left =
      budget == .parameters
      ? Double(after.parameters) / Double(max(before.parameters, 1))
      : Double(after.macs) / Double(max(before.macs, 1))
    remarks.notes[0] += ", the network has \(percent(left))"
    if abs(left - kept) > 0.02 * kept {
      remarks.warnings.append(
        "\(percent(kept)) of the \(budget.rawValue) were asked for: layers that cannot be cut, or "
          + "channels that are too large for the room, allow no better")
    }
    return remarks
  }
}
