public import Foundation
public import PithData
public import PithGraph
import PithKernels
import PithRuntime
public import PithTensors

/// Labelled data to train on.
public struct TrainingData: Sendable {
  public var train: Split
  /// Held out of the training data; what choices between epochs are made by.
  public var validation: Split?
  public var preprocessing: Preprocessing

  public init(train: Split, validation: Split?, preprocessing: Preprocessing) {
    self.train = train
    self.validation = validation
    self.preprocessing = preprocessing
  }
}

/// Where training stands, told after every step.
public struct TrainingProgress: Sendable {
  public var epoch: Int
  public var epochs: Int
  /// Steps done in this epoch.
  public var step: Int
  public var stepsPerEpoch: Int
  /// Means over this epoch so far.
  public var loss: Double
  public var accuracy: Double
  public var learningRate: Double
  /// Training steps only, loader included.
  public var imagesPerSecond: Double
}

/// What one epoch came to.
public struct EpochResult: Sendable, Hashable, Codable {
  public var epoch: Int
  public var loss: Double
  public var accuracy: Double
  public var validation: Evaluation?
  public var learningRate: Double
  public var seconds: Double
}

/// Trains a classifier: compiles its training step once and runs it over the data.
///
/// The same seed and number of threads give the same bits, also across an interruption and a
/// resume from a checkpoint.
public final class Trainer {
  public let settings: TrainingSettings
  private let network: Graph
  private let data: TrainingData
  private let training: TrainingGraph
  private let executable: Executable
  private let loader: Loader
  private let teacher: Executable?
  public private(set) var epochs: [EpochResult] = []
  /// Steps done.
  public private(set) var step = 0
  private var epochLoss = 0.0
  private var epochCorrect = 0.0

  /// Called before each step; may set masks and read weights.
  public var willStep: ((Trainer) throws -> Void)?
  public var didStep: ((TrainingProgress) -> Void)?
  public var didFinishEpoch: ((EpochResult) -> Void)?
  /// Where to save everything after each epoch and on interruption, for a bit-identical resume.
  public var checkpoint: URL?

  /// - Parameters:
  ///   - teacher: gives the logits to imitate, where the loss asks for them.
  ///   - frozen: weights that are left as they are.
  ///   - masks: for weights that are pruned: where zero, the weight stays zero.
  public init(
    _ network: Graph, _ data: TrainingData, _ settings: TrainingSettings, teacher: Graph? = nil,
    frozen: Set<Value> = [], masks: [Value: Tensor] = [:], workers: Int = 1
  ) throws {
    var settings = settings
    settings.batch = max(1, min(settings.batch, data.train.count))
    loader = try Loader(
      data.train, batch: settings.batch, preprocessing: data.preprocessing,
      augmentation: settings.augmentation, shuffle: true, dropLast: true, seed: settings.seed,
      workers: workers)
    guard data.train.labels != nil else { throw TrainingError.noLabels }
    let sample = Shape(Array(loader.shape.dimensions.dropFirst()))
    self.network = try network.withSample(sample)
    training = try TrainingGraph(self.network, settings, frozen: frozen, masked: masks)
    let input = training.graph.type(of: training.graph.inputs[0])
    guard input?.shape == loader.shape else {
      throw TrainingError.inputShape(
        network: input?.description ?? "?", data: loader.shape.description)
    }
    executable = try Executable(training.graph)
    if settings.loss.needsTeacher {
      var graph = try (teacher ?? network).withSample(sample).withBatch(settings.batch)
      _ = try graph.classifierLogits()
      self.teacher = try Executable(graph)
    } else {
      self.teacher = nil
    }
    self.settings = settings
    self.data = data
  }

  public var stepsPerEpoch: Int { loader.batchCount }
  public var totalSteps: Int { stepsPerEpoch * settings.epochs }

  /// The current value of a trained weight.
  public func weight(_ value: Value) throws -> Tensor { try executable.state(of: value) }

  /// The current mask of a weight that was given one.
  public func mask(_ value: Value) throws -> Tensor? {
    try training.masks[value].map { try executable.state(of: $0) }
  }

  /// Changes the mask of a weight that was given one.
  public func setMask(_ mask: Tensor, of value: Value) throws {
    guard let state = training.masks[value] else { return }
    try executable.setState(of: state, mask)
  }

  /// Changes a weight.
  public func setWeight(_ tensor: Tensor, of value: Value) throws {
    try executable.setState(of: value, tensor)
  }

  /// The network with its current weights and running statistics.
  public func trainedNetwork() throws -> Graph {
    var graph = network
    for value in training.trained { graph.setWeight(value, try executable.state(of: value)) }
    return graph
  }

  // MARK: - Training

  /// Trains from where it stands to the last epoch.
  ///
  /// - Throws: `TrainingError.interrupted` after saving a checkpoint, when asked to stop.
  public func run() throws -> Graph {
    while step < totalSteps {
      try runEpoch(step / stepsPerEpoch)
    }
    return try trainedNetwork()
  }

  private func runEpoch(_ epoch: Int) throws {
    let start = Date()
    let first = step % stepsPerEpoch
    if first == 0 { (epochLoss, epochCorrect) = (0, 0) }
    var rate = 0.0
    try loader.epoch(epoch, startingAt: first) { batch in
      if Interruption.isRequested {
        try save()
        throw TrainingError.interrupted
      }
      try willStep?(self)
      rate = learningRate(at: step)
      try runStep(batch, rate: rate, epoch: epoch)
      let done = step - epoch * stepsPerEpoch
      didStep?(
        TrainingProgress(
          epoch: epoch, epochs: settings.epochs, step: done, stepsPerEpoch: stepsPerEpoch,
          loss: epochLoss / Double(done),
          accuracy: epochCorrect / Double(done * settings.batch), learningRate: rate,
          imagesPerSecond: Double((done - first) * settings.batch)
            / max(Date().timeIntervalSince(start), 1e-9)))
    }
    let seconds = Date().timeIntervalSince(start)
    let evaluation = try data.validation.map {
      try Evaluator(trainedNetwork(), $0, preprocessing: data.preprocessing).run()
    }
    let result = EpochResult(
      epoch: epoch, loss: epochLoss / Double(stepsPerEpoch),
      accuracy: epochCorrect / Double(stepsPerEpoch * settings.batch), validation: evaluation,
      learningRate: rate, seconds: seconds)
    epochs.append(result)
    didFinishEpoch?(result)
    try save()
  }

  private func runStep(_ batch: Batch, rate: Double, epoch: Int) throws {
    let images = UnsafeRawBufferPointer(batch.paddedImages)
    if let teacher {
      teacher.inputBytes(0).copyMemory(from: images)
      teacher.execute()
      executable.inputBytes(4).copyMemory(from: teacher.outputBytes(0))
    }
    executable.inputBytes(0).copyMemory(from: images)
    executable.inputBytes(1).copyMemory(from: UnsafeRawBufferPointer(batch.paddedLabels))
    executable.inputBytes(2).storeBytes(of: Float(rate), as: Float.self)
    executable.inputBytes(3).storeBytes(of: Float(step + 1), as: Float.self)
    executable.execute()
    let loss = executable.outputBytes(0).load(as: Float.self)
    guard loss.isFinite else {
      throw TrainingError.diverged(epoch: epoch, step: step - epoch * stepsPerEpoch)
    }
    epochLoss += Double(loss)
    epochCorrect += Double(executable.outputBytes(1).load(as: Float.self))
    step += 1
  }

  private func learningRate(at step: Int) -> Double {
    let warmup = Int(settings.warmup * Double(stepsPerEpoch))
    return settings.learningRate
      * settings.schedule.factor(step: step, of: totalSteps, warmup: warmup)
  }

  // MARK: - Checkpoints

  private var states: [Value] {
    training.trained + training.slots + training.trained.compactMap { training.masks[$0] }
  }

  /// What a checkpoint must have been made with to be continued here.
  private var fingerprint: String {
    "\(settings) \(data.train.count) \(stepsPerEpoch) \(states.count)"
  }

  private func save() throws {
    guard let checkpoint else { return }
    let position = Checkpoint.Position(
      fingerprint: fingerprint, step: step, epochLoss: epochLoss, epochCorrect: epochCorrect,
      epochs: epochs)
    try Checkpoint(position: position, states: states.map { try executable.state(of: $0) })
      .write(to: checkpoint)
  }

  /// Goes on from the checkpoint, if there is one.
  public func resume() throws {
    guard let checkpoint, FileManager.default.fileExists(atPath: checkpoint.path) else { return }
    let saved = try Checkpoint(contentsOf: checkpoint)
    guard saved.position.fingerprint == fingerprint, saved.states.count == states.count else {
      throw TrainingError.checkpoint("it was made with other settings or data")
    }
    for (value, tensor) in zip(states, saved.states) {
      try executable.setState(of: value, tensor)
    }
    step = saved.position.step
    epochLoss = saved.position.epochLoss
    epochCorrect = saved.position.epochCorrect
    epochs = saved.position.epochs
  }
}
