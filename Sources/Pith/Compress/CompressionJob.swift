import Foundation
import PithCoding
import PithCompression
import PithData
import PithGraph
import PithReports
import PithTraining

/// The material of a run - model, data, recipe - and what is measured on it.
struct CompressionJob {
  let recipe: Recipe
  let model: Model
  let data: LabelledData?
  let observer: JobObserver

  /// Reads the model and opens the data; a validation split is held out of the training data.
  init(_ recipe: Recipe, _ observer: JobObserver) throws {
    guard let url = recipe.model else {
      throw PithError.option("model", reason: "neither the command nor the recipe names a model")
    }
    model = try Model(reading: url)
    var data: LabelledData?
    if let text = recipe.data {
      data = try LabelledData(text, preprocessing: recipe.preprocess, for: model.graph)
      try data?.holdOutValidation(recipe.validation, seed: recipe.seed)
    }
    if let data { try data.dataset.check(outputCount: Self.outputCount(model.graph)) }
    var resolved = recipe
    if let data {
      resolved.preprocess = data.preprocessing
      resolved.augment = recipe.augment ?? .usual(for: data.specification.format)
      resolved.validation = data.dataset.validation?.count ?? 0
    }
    self.recipe = resolved
    self.data = data
    self.observer = observer
  }

  private static func outputCount(_ graph: Graph) -> Int {
    let type = graph.outputs.first.flatMap { graph.type(of: $0) }
    return type?.dimensions.dropFirst().compactMap(\.size).reduce(1, *) ?? Int.max
  }

  var context: Context {
    Context(
      data: data.map {
        TrainingData(
          train: $0.dataset.train, validation: $0.dataset.validation,
          preprocessing: $0.preprocessing)
      }, augmentation: recipe.augment ?? .none, teacher: model.graph,
      seed: recipe.seed)
  }

  /// The given network with its accuracy on the validation split. Refuses one that is no better
  /// than guessing, for which no compression can be judged. Tells what its tensors take in an
  /// archive too.
  func baseline() throws -> (Measurements, [ArchiveEntry]) {
    // The files are let go before the weights are looked at again.
    let (pithBytes, entries) = try {
      let sizes = try ModelSizes(model.graph, coder: .arithmetic)
      return (sizes.archive.count, sizes.entries)
    }()
    var result = Measurements(
      of: model.graph, onnxBytes: model.fileBytes, pithBytes: pithBytes)
    model.graph.leaveMappedMemory()
    guard let data else { return (result, entries) }
    let split = data.dataset.validation ?? data.dataset.train
    let evaluation = try evaluate(model.graph, split, task: "baseline")
    (result.top1, result.top5, result.loss) = (
      evaluation.top1, evaluation.reportedTop5, evaluation.loss
    )
    try check(evaluation)
    return (result, entries)
  }

  /// Whoever always names the most frequent class is right about its share of the samples.
  private func check(_ evaluation: Evaluation) throws {
    let counts = evaluation.confusion.map { $0.reduce(0, +) }
    let samples = Double(max(evaluation.samples, 1))
    let chance = Double(counts.max() ?? 0) / samples
    let spread = (chance * (1 - chance) / samples).squareRoot()
    let margin = min(0.2 * chance, 0.2 * (1 - chance), 0.02)
    guard chance < 1, evaluation.top1 <= chance + margin + 3 * spread else { return }
    throw PithError.data(
      source: model.name,
      reason: "the baseline is near chance: top-1 \(Format.percent(evaluation.top1)) on "
        + "\(evaluation.samples) samples, of which \(Format.percent(chance)) are of the most "
        + "frequent class. Check the preprocessing, the order of the labels, and that data and "
        + "model belong together")
  }

  /// The sizes of a network, given, and its accuracy on the validation split.
  func measure(_ graph: Graph, _ sizes: Measurements, task: String) throws -> Measurements {
    var result = sizes
    guard let split = data?.dataset.validation else { return result }
    let evaluation = try evaluate(graph, split, task: task)
    (result.top1, result.top5, result.loss) = (
      evaluation.top1, evaluation.reportedTop5, evaluation.loss
    )
    return result
  }

  /// Accuracy on the samples kept for the end. Called once for each network.
  func finalMeasurements(_ graph: Graph, _ measured: Measurements, task: String) throws -> (
    Measurements, Evaluation?
  ) {
    var result = measured
    guard let data else { return (result, nil) }
    let evaluation = try evaluate(graph, data.dataset.evaluation, task: task)
    (result.top1, result.top5, result.loss) = (
      evaluation.top1, evaluation.reportedTop5, evaluation.loss
    )
    return (result, evaluation)
  }

  private func evaluate(_ graph: Graph, _ split: Split, task: String) throws -> Evaluation {
    guard let data else { throw PithError.fault("no data to measure with") }
    defer { graph.leaveMappedMemory() }
    return try ModelEvaluation.measure(
      graph, split, data.preprocessing, task: task, observer: observer)
  }

  /// What was measured on which samples.
  var dataDescription: String? {
    data.map { data in
      let set = data.dataset
      let part = set.test != nil ? "test" : set.validation != nil ? "validation" : "training"
      return "\(data.specification): before and after on \(set.evaluation.count) \(part) samples, "
        + (set.validation.map { "steps on \($0.count) samples held out of training" }
          ?? "steps not measured")
    }
  }
}
