import Foundation
import PithCompression
public import PithData
import PithGraph
public import PithReports
import PithTensors
import PithTraining

/// Prunes each layer of a network alone, by several ratios and without training, and measures what
/// becomes of its answers.
public struct SensitivityStudy: Sendable {
  public var model: Model
  public var data: String
  public var preprocessing: Preprocessing?
  /// Whether single weights go, or channels.
  public var kind: SensitivityReport.Kind
  /// Shares of the layer, each over 0 and at most 0.9999.
  public var ratios: [Double]
  /// What says which weights or channels go first; nil for their magnitude.
  public var criterion: String?
  /// Samples of the validation split that are looked at.
  public var samples = 1000
  /// Whether accuracy is measured where there are labels.
  public var usesLabels = true
  public var seed: UInt64 = 1
  /// What an equal study had measured when it was stopped.
  public var earlier: SensitivityReport?
  /// Is given what is there after each layer.
  public var layerFinished: (@Sendable (SensitivityReport) throws -> Void)?

  /// Tenths, from a tenth to nine.
  public static let usualRatios = (1...9).map { Double($0) / 10 }

  public init(
    _ model: Model, data: String, kind: SensitivityReport.Kind = .weights,
    ratios: [Double] = Self.usualRatios
  ) {
    self.model = model
    self.data = data
    self.kind = kind
    self.ratios = ratios
  }

  /// Measures all layers.
  public func run(_ observer: JobObserver = JobObserver()) throws -> SensitivityReport {
    let start = Date()
    try check()
    var data = try LabelledData(data, preprocessing: preprocessing, for: model.graph)
    try data.holdOutValidation(nil, seed: seed)
    let held = data.dataset.validation ?? data.dataset.train
    let bench = try Bench(
      model.graph, held.prefix(samples), data.preprocessing, usesLabels: usesLabels)
    let context = Context(
      data: TrainingData(
        train: data.dataset.train, validation: data.dataset.validation,
        preprocessing: data.preprocessing), teacher: model.graph, seed: seed)
    let part = data.dataset.validation == nil ? "training" : "held out of training"
    var report = SensitivityReport(
      kind: kind, criterion: criterion ?? usualCriterion, divergence: bench.divergence,
      ratios: ratios.sorted(), layers: [], top1: bench.accuracy?.top1, loss: bench.accuracy?.loss,
      samples: bench.split.count, model: model.name,
      data: "\(data.specification): \(part)", seed: seed,
      warnings: model.warnings + data.dataset.warnings, created: start, version: pithVersion)
    let subjects = try subjects(context)
    guard !subjects.isEmpty else {
      throw PithError.model(path: model.url.path, reason: "no layer of it can be pruned")
    }
    let secondsBefore = try takeOver(&report, subjects)
    let measuredBefore = report.layers.count
    for (index, subject) in subjects.enumerated().dropFirst(measuredBefore) {
      report.layers.append(try measure(subject, bench))
      report.seconds = secondsBefore + Date().timeIntervalSince(start)
      report.isFinished = index == subjects.count - 1
      try layerFinished?(report)
      let done = Double(index + 1) / Double(subjects.count)
      let seconds = Date().timeIntervalSince(start)
      observer.progress(
        ProgressLine(
          task: "sensitivity", step: index + 1, steps: subjects.count, fraction: done,
          secondsLeft: seconds * Double(subjects.count - index - 1)
            / Double(index + 1 - measuredBefore)))
    }
    report.isFinished = true
    return report
  }

  /// Puts the layers that an earlier study measured into a report, and gives the seconds they took.
  private func takeOver(_ report: inout SensitivityReport, _ subjects: [Subject]) throws(PithError)
    -> Double
  {
    guard let earlier else { return 0 }
    let names = subjects.map { [$0.layer.name, "\($0.layer.parameters)"] }
    guard earlier.isSameStudy(as: report),
      names.starts(with: earlier.layers.map { [$0.name, "\($0.parameters)"] })
    else {
      throw .option(
        "resume",
        reason: "what is there was measured of another network, or with other settings; replace it "
          + "with --force")
    }
    report.layers = earlier.layers
    report.created = earlier.created
    return earlier.seconds
  }

  private func check() throws(PithError) {
    guard !ratios.isEmpty, ratios.allSatisfy({ $0 > 0 && $0 <= 0.9999 }),
      Set(ratios).count == ratios.count
    else {
      throw .option("ratios", reason: "they are numbers over 0 and at most 0.9999, each once")
    }
    guard samples > 0 else { throw .option("samples", reason: "one at least is needed") }
    let known =
      kind == .weights ? pruningCriteria.map { $0.name } : channelCriteria.map { $0.name }
    if let criterion, !known.contains(criterion) {
      let hint = nearestWord(to: criterion, in: known).map { "; did you mean '\($0)'?" } ?? ""
      throw .option(
        "criterion",
        reason: "no criterion '\(criterion)' (there are \(known.joined(separator: ", ")))\(hint)")
    }
  }

  private var usualCriterion: String { kind == .weights ? "magnitude" : "l1" }

  // MARK: - Layers

  /// A layer or a group of channels, and the network with a share of it gone.
  private struct Subject {
    let layer: SensitivityReport.Layer
    /// Nil where so small a share is nothing.
    let pruned: (Double) throws -> (graph: Graph, reached: Double, macs: Int?)?
  }

  private func subjects(_ context: Context) throws -> [Subject] {
    switch kind {
    case .weights: weightSubjects(context)
    case .channels: try channelSubjects(context)
    }
  }

  private func weightSubjects(_ context: Context) -> [Subject] {
    let graph = model.graph
    let layers = graph.prunableLayers()
    let names = layers.map(\.name)
    let criterion = criterion ?? usualCriterion
    return layers.enumerated().map { index, layer in
      let others = names.indices.filter { $0 != index }.map {
        PithCompression.SettingValue.word(names[$0])
      }
      return Subject(
        layer: .init(name: layer.name, parameters: graph.weights[layer.weight]?.count ?? 0)
      ) { ratio in
        let values = try SettingValues(
          Pruning.settings,
          given: [
            "sparsity": .number(ratio), "criterion": .word(criterion),
            "schedule": .word("one-shot"), "scope": .word("local"), "epochs": .wholeNumber(0),
            "last-layer": .number(1), "skip": .list(others),
          ])
        let pruned = try Pruning(values).apply(to: graph, context).graph
        return (pruned, pruned.weights[layer.weight]?.sparsity ?? 0, nil)
      }
    }
  }

  private func channelSubjects(_ context: Context) throws -> [Subject] {
    let graph = model.graph
    let groups = try graph.pruningGroups()
    let word = criterion ?? usualCriterion
    guard let criterion = channelCriteria.first(where: { $0.name == word }) else { return [] }
    let scores = try criterion.scores(of: groups.groups, in: graph, context)
    let cost = StructureCost(groups.bound)
    return zip(groups.groups, scores).map { group, scores in
      let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
      return Subject(
        layer: .init(
          name: group.name, parameters: cost.cost(of: Array(0..<group.count), in: group).parameters,
          channels: group.count)
      ) { ratio in
        let count = min(Int((ratio * Double(group.count)).rounded()), group.count - 1)
        guard count > 0 else { return nil }
        let channels = order.prefix(count).sorted()
        let smaller = try graph.removingChecked(ChannelRemoval(channels, of: group), of: groups)
        return (
          smaller, Double(count) / Double(group.count), cost.cost(of: channels, in: group).macs
        )
      }
    }
  }

  /// All ratios of one layer; one that cannot be pruned is told with its reason.
  private func measure(_ subject: Subject, _ bench: Bench) throws -> SensitivityReport.Layer {
    var layer = subject.layer
    do {
      for ratio in ratios.sorted() {
        if Interruption.isRequested { throw PithError.interrupted }
        layer.points.append(
          try subject.pruned(ratio).map {
            try bench.point($0.graph, ratio: ratio, reached: $0.reached, macs: $0.macs)
          } ?? bench.untouched(ratio))
      }
    } catch let error as CompressionError {
      (layer.points, layer.reason) = ([], "\(error)")
    } catch let error as StructureError {
      (layer.points, layer.reason) = ([], "\(error)")
    }
    return layer
  }
}

/// The samples that networks are measured on, and what the given network answers.
private struct Bench {
  let split: Split
  private let measure: NetworkAnswers.Divergence
  /// Of the given network; nil where no labels are used.
  let accuracy: (top1: Double, loss: Double)?
  private let preprocessing: Preprocessing
  private let given: NetworkAnswers
  private let isProbability: Bool

  init(_ graph: Graph, _ split: Split, _ preprocessing: Preprocessing, usesLabels: Bool) throws {
    guard split.count > 0 else {
      throw PithError.data(source: "sensitivity", reason: "there are no samples to measure on")
    }
    self.split = split
    self.preprocessing = preprocessing
    given = try NetworkAnswers(graph, split, preprocessing)
    isProbability = given.areProbabilities
    let labels = usesLabels ? split.labels : nil
    accuracy = labels.flatMap { [given, isProbability] in
      given.accuracy($0, isProbability: isProbability)
    }
    measure = split.targetShape == nil ? given.usualDivergence : .relative
  }

  /// How the report calls the measure of the answers.
  var divergence: SensitivityReport.Divergence {
    switch measure {
    case .kullbackLeibler: .kullbackLeibler
    case .relative: .relative
    }
  }

  func point(_ graph: Graph, ratio: Double, reached: Double, macs: Int?) throws
    -> SensitivityReport.Point
  {
    let answers = try NetworkAnswers(graph, split, preprocessing)
    let measured =
      accuracy == nil
      ? nil : split.labels.flatMap { answers.accuracy($0, isProbability: isProbability) }
    let divergence = given.divergence(of: answers, measure, isProbability: isProbability)
    return SensitivityReport.Point(
      ratio: ratio, reached: reached, top1: measured?.top1, loss: measured?.loss,
      divergence: divergence.isFinite ? divergence : .greatestFiniteMagnitude, macs: macs)
  }

  /// A share so small that nothing goes.
  func untouched(_ ratio: Double) -> SensitivityReport.Point {
    SensitivityReport.Point(
      ratio: ratio, reached: 0, top1: accuracy?.top1, loss: accuracy?.loss, divergence: 0)
  }
}
