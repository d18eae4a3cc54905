public import Foundation
import PithData
public import PithGraph
import PithKernels
import PithRuntime
public import PithTensors

/// Trains a network, to tell classes or to give numbers: compiles its training step once and runs
/// it over the data.
///
/// The same seed and number of threads give the same bits, also across an interruption and a
/// resume from a checkpoint.
public final class Trainer {
  public let settings: TrainingSettings
  let network: Graph
  let data: TrainingData
  let training: TrainingGraph
  let executable: Executable
  /// Weights that are trained on behind their masks.
  private let latent: Set<Value>
  /// What was added to the step.
  let addition: String?
  private let loader: Loader
  private let teacher: Executable?
  /// What a step takes, and what it costs to keep to the limit of the settings.
  public let memory: TrainingMemory
  /// Where training stands.
  var position = TrainingPosition()
  /// What `trained` held at the end of the best epoch so far, where the settings ask for it.
  var bestValues: [Tensor] = []

  /// Asked before each step; when it tells so, a checkpoint is saved and training stops.
  public var shouldStop: () -> Bool = { Interruption.isRequested }
  /// Called before each step; may set masks and read weights, and save a checkpoint.
  public var willStep: ((Trainer) throws -> Void)?
  public var didStep: ((TrainingProgress) -> Void)?
  public var didFinishEpoch: ((EpochResult) -> Void)?
  /// Makes of the trained network what is measured on the validation data; nil for the network
  /// itself.
  public var measured: ((Trainer, Graph) throws -> Graph)?
  /// Where to save everything after each epoch and on interruption, for a bit-identical resume.
  public var checkpoint: URL?

  /// - Parameters:
  ///   - teacher: gives the logits to imitate, where the loss asks for them.
  ///   - frozen: weights that are left as they are.
  ///   - masks: for weights that are pruned: where zero, the weight stays zero.
  ///   - latent: weights of those masked that are trained on out of sight: the network computes
  ///     with weight times mask, the gradient of that product moves the whole weight, and a mask
  ///     that opens again shows what became of it.
  ///   - addition: what a method adds to the step.
  public init(
    _ network: Graph, _ data: TrainingData, _ settings: TrainingSettings, teacher: Graph? = nil,
    frozen: Set<Value> = [], masks: [Value: Tensor] = [:], latent: Set<Value> = [],
    addition: (any TrainingAddition)? = nil, workers: Int = 1
  ) throws {
    var settings = settings
    try settings.check()
    let target = data.train.targetShape
    if target != nil, settings.loss != .meanSquaredError { throw TrainingError.regression }
    guard target != nil || data.train.labels != nil else { throw TrainingError.noLabels }
    settings.batch = min(settings.batch, max(data.train.count, 1))
    loader = try Loader(
      data.train, batch: settings.batch, preprocessing: data.preprocessing,
      augmentation: settings.augmentation, shuffle: true, dropLast: true, seed: settings.seed,
      workers: workers)
    let sample = Shape(Array(loader.shape.dimensions.dropFirst()))
    self.network = try network.forInference().withSample(sample)
    training = try TrainingGraph(
      self.network, settings, frozen: frozen, masked: masks, latent: latent, addition: addition,
      target: target)
    self.addition = addition?.description
    try training.graph.check(input: loader.shape)
    if let classes = training.classes, let largest = data.train.labels?.max(),
      Int(largest) >= classes
    {
      throw TrainingError.classes(network: classes, data: Int(largest) + 1)
    }
    if settings.loss.needsTeacher, let classes = training.classes {
      var graph = try (teacher ?? network).forInference().withSample(sample).withBatch(
        settings.batch)
      let logits = try graph.classifierLogits()
      try graph.check(input: loader.shape)
      guard let type = graph.type(of: logits), type.dimensions[1] == .fixed(classes) else {
        throw TrainingError.teacher(
          graph.type(of: logits)?.description ?? "?", classes: classes)
      }
      self.teacher = try Executable(graph)
    } else {
      self.teacher = nil
    }
    (executable, memory) = try training.compiled(
      limit: settings.memory, other: self.teacher?.arenaBytes ?? 0)
    self.settings = settings
    self.data = data
    self.latent = latent
    for (weight, mask) in masks { try setMask(mask, of: weight) }
  }

  public var stepsPerEpoch: Int { loader.batchCount }
  public var totalSteps: Int { stepsPerEpoch * settings.epochs }

  /// What the epochs done came to.
  public var epochs: [EpochResult] { position.epochs }

  /// Steps done.
  public var step: Int { position.step }

  /// The weights that are trained, in the order of use.
  public var trainedWeights: [Value] {
    training.trained.filter { !training.statistics.contains($0) }
  }

  /// Those weights and the running statistics.
  public var trainedValues: [Value] { training.trained }

  /// The current value of a trained weight, whatever its mask hides included.
  public func weight(_ value: Value) throws -> Tensor { try executable.state(of: value) }

  /// The current mask of a weight that was given one.
  public func mask(_ value: Value) throws -> Tensor? {
    try training.masks[value].map { try executable.state(of: $0) }
  }

  /// Changes the mask of a weight that was given one, and makes zero what it hides, unless the
  /// weight is trained on behind its mask.
  public func setMask(_ mask: Tensor, of value: Value) throws {
    guard let state = training.masks[value] else {
      throw TrainingError.weight(network.name(of: value), reason: "it was given no mask")
    }
    var weight = try executable.state(of: value)
    guard mask.dtype == .float32, mask.shape == weight.shape else {
      throw TrainingError.weight(
        network.name(of: value), reason: "its mask is \(mask.shape), it is \(weight.shape)")
    }
    try executable.setState(of: state, mask)
    guard !latent.contains(value) else { return }
    weight.hide(by: mask)
    try executable.setState(of: value, weight)
  }

  /// Changes a weight that is trained, or a running statistic.
  public func setWeight(_ tensor: Tensor, of value: Value) throws {
    guard training.trained.contains(value) else {
      throw TrainingError.weight(network.name(of: value), reason: "it is not trained")
    }
    try executable.setState(of: value, tensor)
  }

  /// What was added to the step.
  public var added: AddedTerms { training.added }

  /// The current value of what was added to the step.
  public func added(_ value: Value) throws -> Tensor { try executable.state(of: value) }

  /// Changes the value of what was added to the step.
  public func setAdded(_ tensor: Tensor, of value: Value) throws {
    guard added.states.contains(value) || added.parameters.contains(where: { $0.value == value })
    else {
      throw TrainingError.weight(
        training.graph.name(of: value), reason: "it was not added to the training")
    }
    try executable.setState(of: value, tensor)
  }

  /// The network with its current weights and running statistics.
  public func trainedNetwork() throws -> Graph {
    try network(with: training.trained.map(visible))
  }

  /// What the network computes with.
  private func visible(_ value: Value) throws -> Tensor {
    var tensor = try executable.state(of: value)
    if latent.contains(value), let mask = try mask(value) { tensor.hide(by: mask) }
    return tensor
  }

  private func network(with values: [Tensor]) -> Graph {
    var graph = network
    for (value, tensor) in zip(training.trained, values) { graph.setWeight(value, tensor) }
    return graph
  }

  // MARK: - Training

  /// Trains from where it stands to the last epoch, and gives the network of the last epoch, or
  /// of the best where the settings ask for it.
  ///
  /// - Throws: `TrainingError.interrupted` after saving a checkpoint, when asked to stop.
  public func run() throws -> Graph {
    while step < totalSteps {
      try runEpoch(step / stepsPerEpoch)
    }
    return bestValues.isEmpty ? try trainedNetwork() : network(with: bestValues)
  }

  private func runEpoch(_ epoch: Int) throws {
    let start = Date()
    let first = step % stepsPerEpoch
    if first == 0 { (position.loss, position.correct) = (0, 0) }
    try loader.epoch(epoch, startingAt: first) { batch in
      if shouldStop() {
        try saveCheckpoint()
        throw TrainingError.interrupted
      }
      try willStep?(self)
      try runStep(batch, epoch: epoch)
      let done = step - epoch * stepsPerEpoch
      let rate =
        Double((done - first) * settings.batch) / max(Date().timeIntervalSince(start), 1e-9)
      didStep?(
        TrainingProgress(
          epoch: epoch, epochs: settings.epochs, step: done, stepsPerEpoch: stepsPerEpoch,
          loss: position.loss / Double(done),
          accuracy: accuracy(over: done), learningRate: learningRate(at: step - 1),
          imagesPerSecond: rate,
          secondsLeft: Double((totalSteps - step) * settings.batch) / rate))
    }
    try finishEpoch(epoch, seconds: Date().timeIntervalSince(start))
  }

  /// Nil for a regression.
  private func accuracy(over steps: Int) -> Double? {
    training.classes.map { _ in position.correct / Double(steps * settings.batch) }
  }

  private func finishEpoch(_ epoch: Int, seconds: Double) throws {
    var result = EpochResult(
      epoch: epoch, loss: position.loss / Double(stepsPerEpoch),
      accuracy: accuracy(over: stepsPerEpoch), learningRate: learningRate(at: step - 1),
      seconds: seconds)
    if let validation = data.validation { try validate(on: validation, &result) }
    let score = result.validation?.top1 ?? result.regression.map { -$0.meanSquaredError }
    if settings.keepsBest, let score, score > position.bestScore ?? -.infinity {
      position.bestScore = score
      bestValues = try training.trained.map(visible)
    }
    position.epochs.append(result)
    didFinishEpoch?(result)
    try saveCheckpoint()
  }

  private func validate(on split: Split, _ result: inout EpochResult) throws {
    var network = try trainedNetwork()
    if let measured { network = try measured(self, network) }
    if split.targetShape != nil {
      result.regression = try RegressionEvaluator(
        network, split, preprocessing: data.preprocessing
      ).run()
    } else {
      result.validation = try Evaluator(network, split, preprocessing: data.preprocessing).run()
      result.validation?.confusion = []
    }
  }

  private func runStep(_ batch: Batch, epoch: Int) throws {
    let images = UnsafeRawBufferPointer(batch.paddedImages)
    if let teacher {
      teacher.inputBytes(0).copyMemory(from: images)
      teacher.execute()
      executable.inputBytes(3).copyMemory(from: teacher.outputBytes(0))
    }
    executable.inputBytes(0).copyMemory(from: images)
    executable.inputBytes(1).copyMemory(
      from: training.classes == nil
        ? UnsafeRawBufferPointer(batch.paddedTargets) : UnsafeRawBufferPointer(batch.paddedLabels))
    executable.inputBytes(2).storeBytes(
      of: Float(learningRate(at: step)), as: Float.self)
    executable.execute()
    let loss = executable.outputBytes(0).load(as: Float.self)
    guard loss.isFinite else {
      throw TrainingError.diverged(epoch: epoch, step: step - epoch * stepsPerEpoch)
    }
    position.loss += Double(loss)
    if training.classes != nil {
      position.correct += Double(executable.outputBytes(1).load(as: Float.self))
    }
    position.step += 1
  }

  private func learningRate(at step: Int) -> Double {
    let warmup = Int(settings.warmup * Double(stepsPerEpoch))
    return settings.learningRate
      * settings.schedule.factor(step: step, of: totalSteps, warmup: warmup)
  }
}

extension Tensor {
  /// Makes zero what a mask of the same shape hides.
  fileprivate mutating func hide(by mask: Tensor) {
    mask.read(as: Float.self) { mask in
      update(as: Float.self) { weight in
        for index in weight.indices where mask[index] == 0 { weight[index] = 0 }
      }
    }
  }
}
