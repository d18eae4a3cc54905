import Foundation
import PithData
public import PithGraph
import PithTraining

/// Finds a pruning threshold for each layer by trying some, prunes by the best, and trains on.
///
/// What is tried is judged by samples held out of the training data; the best is the smallest that
/// loses no more accuracy than is allowed.
public struct ThresholdSearch: CompressionMethod {
  public static let name = "threshold-search"
  public static let summary =
    "finds each layer's pruning threshold by probes that a small network proposes"
  public static let paper =
    "Han et al.: Learning both weights and connections, 2015; Bergstra and Bengio: Random search, 2012"
  public static let settings =
    [
      Setting(
        "strategy", .word(searchStrategies.map { $0.name }), default: .word(PredictorSearch.name),
        help: "what chooses the thresholds that are tried"),
      Setting(
        "probes", .wholeNumber(1...10_000), default: .wholeNumber(20),
        help: "how many are tried at most"),
      Setting(
        "drop", .number(0...1), default: .number(0.01),
        help: "accuracy that may be lost before training, 0.01 being one point"),
      Setting(
        "layers", .list(.text), default: .list([.word("all")]),
        help: "first, all, or names of layers; * stands for any letters"),
      Setting(
        "granularity", oneOf: Granularity.self, default: .fine,
        help:
          "single weights below a multiple of their layer's standard deviation, or channels below a share of their group's largest norm"
      ),
      Setting(
        "objective", .word(SearchObjective.allCases.map(\.rawValue)), default: nil,
        help:
          "what is to become small; parameters for single weights and macs for filters where left out"
      ),
      Setting(
        "largest", .number(0.001...100), default: nil,
        help: "the largest threshold that is tried; 3 deviations, or all of the largest norm"),
      Setting(
        "samples", .wholeNumber(1...10_000_000), default: .wholeNumber(5000),
        help: "samples held out of the training data that accuracy is measured on"),
      Setting(
        "probe-epochs", .wholeNumber(0...1000), default: .wholeNumber(0),
        help: "passes over the training data before what is tried is measured"),
      Setting(
        "compare", .flag, default: .flag(false),
        help: "whether the other strategies are tried too, with as many probes, and told of"),
    ] + FineTuning.settings(epochs: 2, learningRate: 0.01)

  /// What a threshold holds for.
  public enum Granularity: String, Sendable, CaseIterable {
    case fine, filter
  }

  private let strategy: any SearchStrategy.Type
  private let probes: Int
  private let drop: Double
  private let choice: LayerChoice
  private let granularity: Granularity
  private let objective: SearchObjective
  private let largest: Double
  private let samples: Int
  private let compares: Bool
  private let training: FineTuning
  private let probeTraining: FineTuning

  public init(_ values: SettingValues) throws(SettingError) {
    let word = try values.text("strategy")
    strategy = searchStrategies.first { $0.name == word } ?? PredictorSearch.self
    probes = try values.wholeNumber("probes")
    drop = try values.number("drop")
    let layers = try values.list("layers").map(\.description)
    guard !layers.isEmpty else {
      throw .conflict("layers is first, all, or names of layers; it is empty")
    }
    choice = LayerChoice(layers)
    granularity = try values.word("granularity")
    let usual: SearchObjective = granularity == .fine ? .parameters : .macs
    objective = values["objective"] == nil ? usual : try values.word("objective")
    let most = granularity == .fine ? 3.0 : 1
    largest = values["largest"] == nil ? most : try values.number("largest")
    if granularity == .filter, largest > 1 {
      throw .conflict("with granularity: filter thresholds are shares: largest is at most 1")
    }
    samples = try values.wholeNumber("samples")
    compares = try values.flag("compare")
    training = try FineTuning(values)
    var probeTraining = training
    probeTraining.epochs = try values.wholeNumber("probe-epochs")
    self.probeTraining = probeTraining
  }

  public func apply(to graph: Graph, _ context: Context) throws -> Outcome {
    guard let data = context.data, let validation = data.validation else {
      throw CompressionError.needsData(
        method: Self.name, why: "thresholds are chosen by samples held out of the training data")
    }
    let subject: any ThresholdSubject =
      switch granularity {
      case .fine: try WeightThresholds(graph, choice)
      case .filter: try ChannelThresholds(graph, choice, context)
      }
    guard !subject.layers.isEmpty else {
      throw CompressionError.nothingToDo(
        method: Self.name, why: "no layer that thresholds can prune is called so")
    }
    let probe = try ThresholdProbe(
      subject, of: graph, validation.prefix(samples), context, preprocessing: data.preprocessing,
      training: probeTraining, measuresTime: objective == .latency)
    let space = SearchSpace(
      subject.layers, largest: largest, accuracy: probe.accuracy, drop: drop,
      resolution: probe.resolution, objective: objective)
    let log = ProbeLog(
      context.checkpoint?.appendingPathExtension("probes"), subject: logSubject(space, context))
    var notes: [String] = []
    let own = try search(strategy, space, log, probe, context, &notes)
    for other in searchStrategies where compares && other.name != strategy.name {
      _ = try search(other, space, log, probe, context, &notes)
    }
    guard let best = space.best(of: own.outcomes) else {
      let warning =
        "no threshold tried loses \(hundredths(drop)) or less: nothing is pruned; allow more (drop), "
        + "or try more (probes)"
      let (trained, epochs) = try training.run(graph, context, method: Self.name)
      return Outcome(trained, notes: notes, warnings: [warning], epochs: epochs)
    }
    let pruned = try subject.pruned(best.thresholds, isChecked: true)
    notes += describe(best, own, space, probe.milliseconds(pruned))
    guard
      let trainer = try training.trainer(
        pruned, context, method: Self.name, extraMasks: subject.masks(best.thresholds))
    else { return Outcome(pruned, notes: notes) }
    return Outcome(try trainer.run(), notes: notes, epochs: trainer.epochs)
  }

  /// What outcomes depend on.
  private func logSubject(_ space: SearchSpace, _ context: Context) -> String {
    "\(granularity) \(space.layers.map(\.name)) \(space.accuracy) \(space.resolution) "
      + "\(objective) \(probeTraining.epochs) \(context.seed)"
  }

  private func search(
    _ strategy: any SearchStrategy.Type, _ space: SearchSpace, _ log: ProbeLog,
    _ probe: ThresholdProbe, _ context: Context, _ notes: inout [String]
  ) throws -> SearchRecord {
    let start = Date()
    var done = 0
    let record = try strategy.init(space, probes: probes, seed: context.seed).run(probes: probes) {
      let outcome = try log.outcome($0) { try probe($0) }
      done += 1
      context.workFinished?(done, probes)
      return outcome
    }
    let seconds = (Date().timeIntervalSince(start) * 10).rounded() / 10
    let allowed = record.outcomes.count(where: space.isAllowed)
    notes.append(
      "\(strategy.name): \(record.outcomes.count) probes in \(seconds) s, \(allowed) of them lose "
        + "\(hundredths(space.drop)) or less of \(hundredths(space.accuracy)); best: "
        + (space.best(of: record.outcomes).map(Self.summary) ?? "none"))
    return record
  }

  // MARK: - Notes

  private static func summary(_ outcome: ProbeOutcome) -> String {
    "\(hundredths(outcome.accuracy)) with \(hundredths(outcome.parameters)) of the parameters, "
      + "\(hundredths(outcome.macs)) of the multiply-accumulates"
      + (outcome.time.map { ", \(hundredths($0)) of the time" } ?? "")
  }

  /// The thresholds chosen, and what was expected of them.
  private func describe(
    _ best: ProbeOutcome, _ record: SearchRecord, _ space: SearchSpace, _ times: (Double?, Double?)
  ) -> [String] {
    let unit = granularity == .fine ? "deviations" : "parts of the largest norm"
    let each = zip(space.layers, best.thresholds).map { layer, threshold in
      "\(layer.name) \(rounded(threshold)) (\(hundredths(layer.share(below: threshold))) go)"
    }
    var notes = ["thresholds in \(unit): " + each.joined(separator: ", ")]
    if let index = record.outcomes.firstIndex(of: best) {
      let expected = record.predictions[index].map {
        "\(hundredths($0.accuracy)) with \(hundredths($0.cost)) of the \(objective.rawValue) were "
          + "expected, \(hundredths(best.accuracy)) with \(hundredths(best.cost(objective))) measured"
      }
      notes.append(
        "chosen at probe \(index + 1)"
          + (expected.map { ": \($0)" } ?? ", of which nothing was expected"))
    }
    if let before = times.0, let after = times.1 {
      notes.append("at batch 1: \(rounded(before)) ms before, \(rounded(after)) ms after")
    }
    return notes
  }
}

/// Accuracies differ by less than the tenths that other notes tell.
private func hundredths(_ share: Double) -> String { percent(share, decimals: 2) }

private func rounded(_ number: Double) -> String { "\((number * 1000).rounded() / 1000)" }
