public import ArgumentParser
import Foundation
import Pith
import PithData
import PithKernels
import PithModels
import PithReports
public import PithTraining

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a built-in architecture, or an ONNX model further.",
    discussion: """
      Architectures: \(architectures.map { $0.name }.joined(separator: ", ")).

      The first interrupt saves a checkpoint beside the output and stops (status 75); the same \
      command with --resume goes on to the same bits.
      """)

  @Argument(help: "An architecture or an ONNX model.")
  var subject: String

  @OptionGroup var data: DataOptions
  @OptionGroup var target: TargetOptions

  @Option(help: "Passes over the training data.")
  var epochs = 10

  @Option(help: "Images per step.")
  var batch = 128

  @Option(help: "sgd, nesterov, adam or adamw.")
  var optimizer = Optimizer.sgd

  @Option(help: "The highest learning rate (default: the optimizer's).")
  var learningRate: Double?

  @Option(help: "How the learning rate changes: constant, step, cosine or one-cycle.")
  var schedule = Schedule.cosine

  @Option(help: "Epochs over which the learning rate rises at the start.")
  var warmup = 0.0

  @Option(help: "L2 penalty on weights; biases and normalisation have none.")
  var weightDecay = 1e-4

  @Option(help: "What the labels ask for: cross-entropy or mse.")
  var loss = LabelLoss.crossEntropy

  @Option(help: "Share of the labels' weight that is spread over all classes.")
  var labelSmoothing: Float = 0

  @Option(help: ArgumentHelp("A model whose answers are learnt too.", valueName: "model"))
  var teacher: String?

  @Option(help: "What the teacher asks for: kl (its softened answers) or logits.")
  var distillLoss = TeacherLoss.divergence

  @Option(help: "Softening of the teacher's answers.")
  var temperature: Float = 4

  @Option(help: "Share of the labels in the loss beside a teacher.")
  var labelWeight: Float = 0.1

  @Option(
    help: ArgumentHelp(
      "none, flip, crop, standard, which is both, or a mapping such as '{flip: true, crop: 2}' "
        + "(default: standard for photographs).", valueName: "word or mapping"))
  var augment: String?

  @Option(
    help: "Training images held out for validation (default: a tenth, at most 5000; 0: none).")
  var validation: Int?

  @Option(
    help: "Classes of the result; a model's last layer starts anew for another number of them.")
  var classes: Int?

  @Flag(help: "Train only the last layer.")
  var freezeBackbone = false

  @Flag(help: "Give the epoch that did best on the validation images instead of the last.")
  var keepBest = false

  @Flag(inversion: .prefixedNo, help: "Let the model's dropout layers drop while training.")
  var dropout = true

  @Option(
    help: ArgumentHelp(
      "What a step may take, such as 500MB: activations are computed twice where they would take "
        + "more (default: no limit).", valueName: "size"))
  var memory: ByteSize?

  @Option(help: "What the architecture's numbers of channels are multiplied with.")
  var width = 1.0

  @Option(help: "Fixes weights, order and augmentation.")
  var seed: UInt64 = 1

  @Flag(help: "Go on from the checkpoint beside the output, if there is one.")
  var resume = false

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var progress: ProgressOptions
  @OptionGroup var output: OutputOptions

  mutating func validate() throws {
    _ = try data.required()
    func require(_ holds: Bool, _ text: String) throws {
      if !holds { throw ValidationError(text) }
    }
    try require((0...100_000).contains(epochs), "--epochs must be 0 to 100000")
    try require((1...65_536).contains(batch), "--batch must be 1 to 65536")
    try require(warmup >= 0 && warmup <= 100_000, "--warmup must be 0 or more epochs")
    try require(weightDecay >= 0 && weightDecay <= 1, "--weight-decay must be 0 to 1")
    try require(labelSmoothing >= 0 && labelSmoothing < 1, "--label-smoothing must be 0 to 1")
    try require(
      labelSmoothing == 0 || (loss == .crossEntropy && teacher == nil),
      "--label-smoothing belongs to --loss cross-entropy without a teacher")
    try require(
      teacher == nil || loss == .crossEntropy, "--teacher goes with --loss cross-entropy")
    try require(temperature >= 0.1 && temperature <= 100, "--temperature must be 0.1 to 100")
    try require((0...1).contains(labelWeight), "--label-weight must be 0 to 1")
    try require(validation ?? 0 >= 0, "--validation must be 0 or more images")
    if let classes {
      try require((1...1_000_000).contains(classes), "--classes must be 1 to 1000000")
    }
    if let learningRate {
      try require(learningRate > 0 && learningRate <= 100, "--learning-rate must be over 0")
    }
  }

  func run() throws {
    let console = Console(output)
    threads.apply()
    ProcessSetup.catchInterrupts()
    let target = try target.free()
    var job = TrainingJob(
      try .init(subject, width: width), data: try data.required(),
      preprocessing: try data.preprocessing(), validation: validation, settings: settings,
      augmentation: try augment.map { try Augmentation(text: $0) }, target: target, resumes: resume)
    job.classes = classes
    job.freezesBackbone = freezeBackbone
    job.teacher = try teacher.map { try Model(reading: URL(fileURLWithPath: $0)) }
    let printer = ProgressPrinter(progress.style, quiet: output.quiet)
    defer { printer.finish() }
    let report = try job.run(printer.observer)
    printer.finish()
    try console.show(report) { text(report, isColored: console.isColored) }
    console.warn(report.warnings)
  }

  private var settings: TrainingSettings {
    TrainingSettings(
      epochs: epochs, batch: batch, optimizer: optimizer, learningRate: learningRate,
      schedule: schedule, warmup: warmup, weightDecay: weightDecay,
      loss: teacher == nil
        ? loss.loss(smoothing: labelSmoothing)
        : distillLoss.loss(temperature: temperature, labels: labelWeight), seed: seed,
      keepsBest: keepBest,
      usesDropout: dropout, memory: memory?.bytes)
  }

  private func text(_ report: TrainReport, isColored: Bool) -> String {
    var table = TextTable(columns: [.init("trained"), .init("", alignment: .trailing)])
    table.add(["model", .init(report.model)])
    table.add(["epochs", .init(Format.exact(report.epochs.count))])
    if let best = report.epochs.last?.validationTop1 {
      table.add(["validation top-1", .init(Format.percent(best))])
    }
    if let error = report.epochs.last?.validationLoss, report.epochs.last?.validationTop1 == nil {
      table.add(["validation mse", .init(Format.significant(error))])
    }
    if let error = report.meanSquaredError {
      table.add(["test mse", .init(Format.significant(error), style: .bold)])
    } else {
      table.add(["test top-1", .init(Format.percent(report.top1), style: .bold)])
    }
    if report.top5 != nil { table.add(["test top-5", .init(Format.percent(report.top5))]) }
    if let rate = report.imagesPerSecond {
      table.add(["images per second", .init(Format.significant(rate))])
    }
    table.add(["memory of a step", .init(Format.bytes(report.memoryBytes))])
    if let repeated = report.repeated, repeated > 0 {
      table.add(["computed twice", .init("\(Format.percent(repeated)) of the forward pass")])
    }
    table.add(["time", .init(Format.duration(report.seconds))])
    return table.text(color: isColored)
  }
}

extension Optimizer: ExpressibleByArgument {}
extension Schedule: ExpressibleByArgument {}
extension LabelLoss: ExpressibleByArgument {}
extension TeacherLoss: ExpressibleByArgument {}
