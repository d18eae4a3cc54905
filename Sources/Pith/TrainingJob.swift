public import Foundation
import PithCompression
public import PithData
import PithGraph
import PithModels
import PithONNX
public import PithReports
import PithTensors
public import PithTraining

/// Trains a built-in architecture, or an ONNX model further, and writes the result.
public struct TrainingJob: Sendable {
  /// What is trained.
  public enum Subject: Sendable {
    case architecture(String, width: Double)
    case model(Model)

    /// An architecture's word, or else a model's file.
    public init(_ text: String, width: Double = 1) throws(PithError) {
      if architectures.contains(where: { $0.name == text }) {
        self = .architecture(text, width: width)
      } else if FileManager.default.fileExists(atPath: text) || text.contains("/")
        || text.hasSuffix(".onnx") || text.hasSuffix(".pith")
      {
        self = .model(try Model(reading: URL(fileURLWithPath: text)))
      } else {
        let words = architectures.map { $0.name }
        let hint = nearestWord(to: text, in: words).map { "; did you mean '\($0)'?" } ?? ""
        throw .option(
          text,
          reason: "neither an architecture nor a file; there are "
            + words.joined(separator: ", ") + hint)
      }
    }
  }

  public var subject: Subject
  public var data: String
  public var preprocessing: Preprocessing?
  /// Samples held out of the training data; nil for a tenth, at most 5000.
  public var validation: Int?
  public var settings: TrainingSettings
  /// Classes the result tells apart; nil for the model's own, or the data's. A model's last layer
  /// starts anew where it has another number.
  public var classes: Int?
  /// Whose answers are learnt, where the loss of the settings asks for a teacher.
  public var teacher: Model?
  /// Whether only the last layer is trained.
  public var freezesBackbone = false
  /// Nil for what suits the data's format.
  public var augmentation: Augmentation?
  public var target: URL
  /// Whether to go on from the checkpoint that an interrupted job left.
  public var resumes: Bool

  public init(
    _ subject: Subject, data: String, preprocessing: Preprocessing? = nil, validation: Int? = nil,
    settings: TrainingSettings = TrainingSettings(), augmentation: Augmentation? = nil,
    target: URL, resumes: Bool = false
  ) {
    self.subject = subject
    self.data = data
    self.preprocessing = preprocessing
    self.validation = validation
    self.settings = settings
    self.augmentation = augmentation
    self.target = target
    self.resumes = resumes
  }

  /// Where training is kept while it runs.
  public var checkpoint: URL { target.appendingPathExtension("checkpoint") }

  /// Trains, writes the model, and measures it on the test split, which is read only then.
  public func run(_ observer: JobObserver = JobObserver()) throws -> TrainReport {
    let start = Date()
    var model: Graph?
    if case .model(let given) = subject { model = given.graph }
    var data = try LabelledData(data, preprocessing: preprocessing, for: model)
    try data.holdOutValidation(validation, seed: settings.seed)
    let network = try model.map(adapted) ?? architectureNetwork(data)
    let trainer = try makeTrainer(network, data, observer)
    let trained = try stoppable { try trainer.run() }
    do throws(ONNXError) { try ONNXWriter.write(trained, to: target) } catch {
      throw PithError(error, file: target)
    }
    try? FileManager.default.removeItem(at: checkpoint)
    var report = TrainReport(
      epochs: trainer.epochs.map(TrainReport.Epoch.init), imagesPerSecond: nil, top1: nil,
      top5: nil, model: target.path, seed: settings.seed,
      data: data.specification.description, warnings: data.dataset.warnings)
    (report.memoryBytes, report.repeated) = (trainer.memory.bytes, trainer.memory.repeated)
    let seconds = trainer.epochs.reduce(0) { $0 + $1.seconds }
    if seconds > 0 {
      let images = trainer.epochs.count * trainer.stepsPerEpoch * trainer.settings.batch
      report.imagesPerSecond = Double(images) / seconds
    }
    if let test = data.dataset.test { try measure(trained, test, data, &report, observer) }
    report.seconds = Date().timeIntervalSince(start)
    return report
  }

  private func measure(
    _ trained: Graph, _ test: Split, _ data: LabelledData, _ report: inout TrainReport,
    _ observer: JobObserver
  ) throws {
    if test.targetShape != nil {
      let result = try ModelEvaluation.measureRegression(
        trained, test, data.preprocessing, task: "test", observer: observer)
      (report.loss, report.meanSquaredError) = (result.meanSquaredError, result.meanSquaredError)
    } else {
      let result = try ModelEvaluation.measure(
        trained, test, data.preprocessing, task: "test", observer: observer)
      (report.top1, report.top5, report.loss) = (result.top1, result.reportedTop5, result.loss)
    }
  }

  private func adapted(_ network: Graph) throws -> Graph {
    try classes.map { try network.withClasses($0, seed: settings.seed) } ?? network
  }

  private func architectureNetwork(_ data: LabelledData) throws -> Graph {
    guard case .architecture(let word, let width) = subject, let type = architecture(named: word)
    else { throw PithError.fault("no network to train") }
    let sample = data.dataset.sampleShape
    guard sample.rank == 3 else {
      throw PithError.data(
        source: data.specification.description, reason: "\(word) needs images, not \(sample)")
    }
    let size = data.preprocessing.size ?? [sample[1], sample[2]]
    return try type.network(
      input: ImageSize(channels: sample[0], height: size[0], width: size[1]),
      classes: classes ?? data.dataset.train.targetShape?.count ?? data.dataset.classCount,
      width: width, seed: settings.seed)
  }

  private func makeTrainer(_ network: Graph, _ data: LabelledData, _ observer: JobObserver)
    throws -> Trainer
  {
    var settings = settings
    settings.augmentation = augmentation ?? .usual(for: data.specification.format)
    settings.freezesStatistics = settings.freezesStatistics || freezesBackbone
    let trainer = try Trainer(
      network,
      TrainingData(
        train: data.dataset.train, validation: data.dataset.validation,
        preprocessing: data.preprocessing), settings, teacher: teacher?.graph,
      frozen: freezesBackbone ? try network.backbone() : [])
    if let limit = settings.memory {
      observer.note(
        "memory: \(Format.bytes(trainer.memory.bytes)) of \(Format.bytes(limit)) allowed, "
          + "\(Format.percent(trainer.memory.repeated)) of the forward pass is computed twice")
    }
    trainer.checkpoint = checkpoint
    let batch = trainer.settings.batch
    trainer.didStep = { observer.progress(ProgressLine($0, batch: batch, task: "train")) }
    trainer.didFinishEpoch = { observer.note($0.summary(of: settings.epochs)) }
    if resumes { try trainer.resume() }
    return trainer
  }

  private func stoppable<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch TrainingError.interrupted {
      throw PithError.stopped(advice: "the same command with --resume")
    }
  }
}

extension TrainReport.Epoch {
  init(_ epoch: EpochResult) {
    self.init(
      epoch: epoch.epoch + 1, loss: epoch.loss, validationTop1: epoch.validation?.top1,
      validationLoss: epoch.validation?.loss ?? epoch.regression?.meanSquaredError,
      learningRate: epoch.learningRate, seconds: epoch.seconds)
  }
}

extension EpochResult {
  /// One line about the epoch.
  func summary(of epochs: Int) -> String {
    var parts = ["epoch \(epoch + 1)/\(epochs): loss \(Format.loss(loss))"]
    if let accuracy { parts.append("training top-1 \(Format.percent(accuracy))") }
    if let validation { parts.append("validation top-1 \(Format.percent(validation.top1))") }
    if let regression {
      parts.append("validation mse \(Format.significant(regression.meanSquaredError))")
    }
    return (parts + [Format.duration(seconds)]).joined(separator: ", ")
  }
}

extension ProgressLine {
  /// How far training is, over all its epochs.
  init(_ progress: TrainingProgress, batch: Int, task: String, step: Int? = nil, steps: Int? = nil)
  {
    let done = progress.epoch * progress.stepsPerEpoch + progress.step
    let total = max(1, progress.epochs * progress.stepsPerEpoch)
    self.init(
      task: task, step: step, steps: steps, epoch: progress.epoch + 1, epochs: progress.epochs,
      fraction: Double(done) / Double(total), loss: progress.loss, top1: progress.accuracy,
      imagesPerSecond: progress.imagesPerSecond,
      secondsLeft: Double((total - done) * batch) / max(progress.imagesPerSecond, 1e-9))
  }
}
