import ArgumentParser
import Foundation
import Pith
import PithData
import PithReports
import PithTraining

struct SensitivityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sensitivity",
    abstract: "Shows how much each layer can lose: accuracy and divergence by layer and ratio.",
    discussion: """
      Prunes each layer alone, without training, and measures the network on samples held out of the \
      training data. Divergence, the change of the network's answers, needs no labels. \
      --write-recipe writes the shares of the layers that together prune --sparsity of all weights \
      at the least divergence, as a recipe for pith compress. With -o what is measured is written \
      after each layer; a study that was stopped (status 75) goes on with the same command and \
      --resume.
      """)

  @Argument(help: "An ONNX model or a .pith archive.")
  var model: String

  @OptionGroup var data: DataOptions

  @Option(help: "Shares of a layer that are pruned (default: 0.1,0.2 and so on to 0.9).")
  var ratios: String?

  @Flag(help: "Remove whole channels instead of single weights.")
  var channels = false

  @Option(help: "What says which weights or channels go first (default: magnitude or l1).")
  var criterion: String?

  @Option(help: "Samples that are looked at.")
  var samples = 1000

  @Flag(help: "Look at the change of the answers alone, not at labels.")
  var divergence = false

  @Option(help: "Fixes all random choices.")
  var seed: UInt64 = 1

  @Option(
    name: .shortAndLong, help: "A folder for sensitivity.json and sensitivity.html.")
  var output: String?

  @Option(
    help: ArgumentHelp("A recipe to write, with a sparsity for each layer.", valueName: "file"))
  var writeRecipe: String?

  @Option(help: "Share of all weights that the recipe prunes.")
  var sparsity: Double?

  @Flag(help: "Replace what is there.")
  var force = false

  @Flag(help: "Go on with the study in the folder, if there is one.")
  var resume = false

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var progress: ProgressOptions
  @OptionGroup var outputs: OutputOptions

  mutating func validate() throws {
    _ = try data.required()
    _ = try parsedRatios()
    if (writeRecipe == nil) != (sparsity == nil) {
      throw ValidationError("--write-recipe and --sparsity belong together")
    }
    if writeRecipe != nil, channels {
      throw ValidationError("--write-recipe is for weights, not for --channels")
    }
    if force, resume { throw ValidationError("--force and --resume exclude each other") }
    if resume, output == nil { throw ValidationError("--resume needs the folder: -o FOLDER") }
    if let sparsity, !(0...0.9999).contains(sparsity) {
      throw ValidationError("--sparsity must be 0 to 0.9999")
    }
    if !(1...10_000_000).contains(samples) {
      throw ValidationError("--samples must be 1 to 10000000")
    }
  }

  func run() throws {
    let console = Console(outputs)
    let folder = output.map { URL(fileURLWithPath: $0) }
    let files = ["sensitivity.json", "sensitivity.html"].compactMap {
      folder?.appendingPathComponent($0)
    }
    let recipe = writeRecipe.map { URL(fileURLWithPath: $0) }
    for file in files
    where !force && !resume && FileManager.default.fileExists(atPath: file.path) {
      throw PithError.exists(path: file.path)
    }
    if let folder { try WholeFile.makeFolder(folder) }
    if let recipe { try WholeFile.checkFree(recipe, force: force || resume) }
    threads.apply()
    ProcessSetup.catchInterrupts()
    var study = SensitivityStudy(
      try Model(reading: URL(fileURLWithPath: model)), data: try data.required(),
      kind: channels ? .channels : .weights, ratios: try parsedRatios())
    study.preprocessing = try data.preprocessing()
    study.criterion = criterion
    study.samples = samples
    study.usesLabels = !divergence
    study.seed = seed
    if resume, let file = files.first, FileManager.default.fileExists(atPath: file.path) {
      study.earlier = try SensitivityReport(
        json: Data(try WholeFile.read(file)), source: file.path)
    }
    if !files.isEmpty {
      study.layerFinished = { report in
        try WholeFile.write(SensitivityPage(report).html(), to: files[1])
        try WholeFile.write(try report.json(), to: files[0])
      }
    }
    let printer = ProgressPrinter(progress.style, quiet: outputs.quiet)
    defer { printer.finish() }
    let report = try run(study, printer.observer)
    printer.finish()
    if !files.isEmpty { console.note("report: \(files[1].path)") }
    if let recipe, let sparsity { try write(report, sparsity, to: recipe) }
    try console.show(report) { text(report, isColored: console.isColored) }
    console.warn(report.warnings)
  }

  /// Runs a study; one that writes what it measures can go on where it is stopped.
  private func run(_ study: SensitivityStudy, _ observer: JobObserver) throws -> SensitivityReport {
    do { return try study.run(observer) } catch PithError.interrupted, TrainingError.interrupted {
      guard let output else { throw PithError.interrupted }
      throw PithError.stopped(advice: "the same command and --resume, in \(output)")
    }
  }

  private func parsedRatios() throws -> [Double] {
    guard let ratios else { return SensitivityStudy.usualRatios }
    let words = ratios.split(separator: ",").map { $0.filter { $0 != " " } }
    let numbers = words.compactMap(Double.init)
    guard !words.isEmpty, numbers.count == words.count, Set(numbers).count == numbers.count,
      numbers.allSatisfy({ $0 > 0 && $0 <= 0.9999 })
    else {
      throw ValidationError(
        "--ratios are numbers over 0 and at most 0.9999, each of them once: 0.3,0.6,0.9")
    }
    return numbers
  }

  private func write(_ report: SensitivityReport, _ sparsity: Double, to file: URL) throws {
    let specification = try DataSpecification(try data.required())
    let path = URL(fileURLWithPath: specification.path).standardizedFileURL.path
    var recipe = try report.recipe(
      sparsity: sparsity, model: URL(fileURLWithPath: model),
      data: "\(specification.format):\(path)")
    recipe.preprocess = try data.preprocessing()
    let head = "# A sparsity for each layer, of which the answers change least: pith sensitivity\n"
    try WholeFile.write(head + recipe.yaml, to: file)
  }

  private func text(_ report: SensitivityReport, isColored: Bool) -> String {
    let table = SensitivityTable(report)
    let what =
      table.isAccuracy
      ? "top-1 on \(report.samples) samples; the given network has \(Format.percent(report.top1))"
      : "divergence (\(report.divergence.rawValue)) on \(report.samples) samples"
    return table.table.text(color: isColored) + "\n\(what)\n"
  }
}
