import PithData
import PithGraph
import PithKernels
import PithOperators
import PithTensors
import PithTraining

/// The part of a method that trains: its settings, and a trainer made from them that keeps the
/// compressed form (pruned weights stay zero, shared weights stay shared).
struct FineTuning: Sendable {
  var epochs: Int
  let optimizer: Optimizer
  var learningRate: Double?
  let schedule: Schedule
  let batch: Int
  let weightDecay: Double
  let distills: Bool
  let loss: Loss
  let usesDropout: Bool

  /// The learning rate's schedule, in methods that have a `schedule` of their own.
  static let scheduleName = "learning-rate-schedule"

  /// The settings that every method with training has.
  static func settings(
    epochs: Int, optimizer: Optimizer = .sgd, learningRate: Double? = nil,
    schedule: Schedule = .cosine, scheduleName: String = "schedule"
  ) -> [Setting] {
    [
      Setting(
        "epochs", .wholeNumber(0...100_000), default: .wholeNumber(epochs),
        help: "passes over the training data while and after compressing"),
      Setting(
        "optimizer", oneOf: Optimizer.self, default: optimizer, help: "how weights are trained"),
      Setting(
        "learning-rate", .number(0...100), default: learningRate.map(SettingValue.number),
        help: "peak step size; the optimizer's own where left out"),
      Setting(
        scheduleName, oneOf: Schedule.self, default: schedule,
        help: "how the learning rate changes"),
      Setting(
        "batch", .wholeNumber(1...65_536), default: .wholeNumber(128), help: "images per step"),
      Setting(
        "weight-decay", .number(0...10), default: .number(1e-4),
        help: "L2 penalty on weights, none on biases and normalisation"),
      Setting(
        "loss", oneOf: LabelLoss.self, default: .crossEntropy, help: "what the labels ask for"),
      Setting(
        "label-smoothing", .number(0...0.99), default: .number(0),
        help: "share of the labels' weight that is spread over all classes"),
      Setting(
        "distill", .flag, default: .flag(false),
        help: "whether the uncompressed network teaches its compressed form"),
      Setting(
        "distill-loss", oneOf: TeacherLoss.self, default: .divergence,
        help: "what the teacher asks for: its softened answers, or its logits"),
      Setting(
        "temperature", .number(0.1...100), default: .number(4),
        help: "softening of the teacher's answers"),
      Setting(
        "label-weight", .number(0...1), default: .number(0.1),
        help: "share of the labels in the loss when distilling"),
      Setting(
        "dropout", .flag, default: .flag(true),
        help: "whether the network's dropout layers drop while training"),
    ]
  }

  init(_ values: SettingValues, scheduleName: String = "schedule") throws(SettingError) {
    epochs = try values.wholeNumber("epochs")
    optimizer = try values.word("optimizer")
    learningRate = values["learning-rate"] == nil ? nil : try values.number("learning-rate")
    schedule = try values.word(scheduleName)
    batch = try values.wholeNumber("batch")
    weightDecay = try values.number("weight-decay")
    distills = try values.flag("distill")
    loss = try Self.loss(values)
    usesDropout = try values.flag("dropout")
  }

  private static func loss(_ values: SettingValues) throws(SettingError) -> Loss {
    let smoothing = Float(try values.number("label-smoothing"))
    let labels = try values.word("loss", as: LabelLoss.self)
    if smoothing > 0, labels != .crossEntropy {
      throw .conflict("label-smoothing belongs to loss: cross-entropy")
    }
    guard try values.flag("distill") else { return labels.loss(smoothing: smoothing) }
    if smoothing > 0 || labels != .crossEntropy {
      throw .conflict("with distill: true the labels ask for plain cross-entropy")
    }
    return try values.word("distill-loss", as: TeacherLoss.self).loss(
      temperature: Float(try values.number("temperature")),
      labels: Float(try values.number("label-weight")))
  }

  /// A trainer of the graph, or nil where there is nothing to train for.
  ///
  /// - Parameters:
  ///   - extraMasks: weights that will be pruned while training, with their first masks.
  ///   - latent: those of them that are trained on behind their masks.
  ///   - freed: weights whose zeros are trained like all others.
  ///   - addition: what the method adds to the step.
  func trainer(
    _ graph: Graph, _ context: Context, method: String, extraMasks: [Value: Tensor] = [:],
    latent: Set<Value> = [], freed: Set<Value> = [], addition: (any TrainingAddition)? = nil
  ) throws -> Trainer? {
    guard epochs > 0 else { return nil }
    guard let data = context.data else {
      throw CompressionError.needsData(
        method: method, why: "it trains for \(epochs) epochs; set epochs: 0 to go without")
    }
    let settings = TrainingSettings(
      epochs: epochs, batch: batch, optimizer: optimizer, learningRate: learningRate,
      schedule: schedule, weightDecay: weightDecay,
      loss: loss, augmentation: context.augmentation, seed: context.seed,
      usesDropout: usesDropout)
    let trainer = try Trainer(
      graph, data, settings, teacher: distills ? context.teacher : nil,
      masks: graph.zeroMasks().filter { !freed.contains($0.key) }
        .merging(extraMasks) { _, extra in extra },
      latent: latent, addition: addition)
    trainer.checkpoint = context.checkpoint
    trainer.didStep = context.progress
    trainer.didFinishEpoch = context.epochFinished
    try trainer.resume()
    return trainer
  }

  /// Trains, keeping the compressed form, and gives the network and its epochs.
  func run(_ graph: Graph, _ context: Context, method: String) throws -> (Graph, [EpochResult]) {
    guard let trainer = try trainer(graph, context, method: method) else { return (graph, []) }
    let trained = try trainer.run()
    return (trained, trainer.epochs)
  }
}

extension Graph {
  /// A mask for each weight that has been pruned (a hundredth or more of it is zero) and for each
  /// codebook with a pinned zero: zero where the value is.
  func zeroMasks() -> [Value: Tensor] {
    var masks: [Value: Tensor] = [:]
    for parameter in parameters() where parameter.role == .weight {
      guard let tensor = weights[parameter.root], tensor.dtype == .float32 else { continue }
      let kept = tensor.floats.map { $0 == 0 ? Float(0) : 1 }
      let zeros = kept.count { $0 == 0 }
      guard parameter.form != .plain || zeros * 100 >= kept.count, zeros > 0 else { continue }
      masks[parameter.root] = Tensor(kept, tensor.shape)
    }
    return masks
  }
}
