import ArgumentParser
import Foundation
import Pith
import PithData
import PithReports

struct CompressCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compress",
    abstract: "Makes a model smaller by a recipe, and proves what became of it.",
    discussion: """
      Writes a run folder: model.onnx, model.pith, report.html, report.json, recipe.yaml and \
      log.jsonl. What the command line says goes before what the recipe says. The first interrupt \
      saves everything and stops (status 75); go on with: pith runs resume FOLDER
      """)

  @Argument(help: "An ONNX model or a .pith archive (may stand in the recipe instead).")
  var model: String?

  @OptionGroup var data: DataOptions

  @Option(help: ArgumentHelp("A recipe in YAML.", valueName: "file"))
  var recipe: String?

  @Option(help: "A built-in recipe: \(presets.map(\.name).joined(separator: ", ")).")
  var preset: String?

  @Option(name: .shortAndLong, help: "The run folder to write.")
  var output: String

  @Option(help: "Top-1 accuracy that may be lost, as a fraction; status 3 where it is missed.")
  var maxAccuracyLoss: Double?

  @Option(help: "Bytes that the smaller file may take; status 3 where it is missed.")
  var maxBytes: Int?

  @Option(help: "Fixes all random choices (default: the recipe's, or 1).")
  var seed: UInt64?

  @Option(
    help: "Training images held out for validation (default: a tenth, at most 5000; 0: none).")
  var validation: Int?

  @Flag(help: "Train the uncompressed model by the same steps too, to compare with.")
  var control = false

  @Flag(help: "Replace an earlier run.")
  var force = false

  @Flag(help: "Say what would be done, with the predicted size, and do nothing.")
  var dryRun = false

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var progress: ProgressOptions
  @OptionGroup var outputs: OutputOptions

  mutating func validate() throws {
    if recipe != nil, preset != nil {
      throw ValidationError("--recipe and --preset exclude each other")
    }
    if recipe == nil, preset == nil {
      throw ValidationError(
        "a recipe is missing: give --recipe FILE, or --preset with one of "
          + presets.map(\.name).joined(separator: ", "))
    }
    if let loss = maxAccuracyLoss, !(0...1).contains(loss) {
      throw ValidationError("--max-accuracy-loss must be 0 to 1")
    }
    if let bytes = maxBytes, bytes < 1 { throw ValidationError("--max-bytes must be 1 or more") }
    if let validation, validation < 0 {
      throw ValidationError("--validation must be 0 or more images")
    }
  }

  func run() throws {
    let recipe = try resolvedRecipe()
    if dryRun { return try show(recipe.plan(), Console(outputs)) }
    threads.apply()
    ProcessSetup.catchInterrupts()
    let folder = RunFolder(URL(fileURLWithPath: output))
    let printer = ProgressPrinter(progress.style, quiet: outputs.quiet)
    defer { printer.finish() }
    let report = try Pipeline(recipe, in: folder, observer: printer.observer).run(force: force)
    printer.finish()
    try CompressSummary(Console(outputs)).show(report, folder, target: recipe.target)
  }

  private func resolvedRecipe() throws -> Recipe {
    var recipe =
      if let file = self.recipe {
        try Recipe(reading: URL(fileURLWithPath: file))
      } else {
        try Pith.preset(named: preset ?? "").recipe()
      }
    if let model { recipe.model = URL(fileURLWithPath: model) }
    if let text = data.data {
      let specification = try DataSpecification(text)
      let path = URL(fileURLWithPath: specification.path).standardizedFileURL.path
      recipe.data = "\(specification.format):\(path)"
    }
    recipe.preprocess = try data.preprocessing() ?? recipe.preprocess
    recipe.seed = seed ?? recipe.seed
    recipe.control = control || recipe.control
    recipe.validation = validation ?? recipe.validation
    recipe.target.accuracyLoss = maxAccuracyLoss ?? recipe.target.accuracyLoss
    recipe.target.bytes = maxBytes ?? recipe.target.bytes
    return recipe
  }

  private func show(_ plan: CompressPlan, _ console: Console) throws {
    try console.show(plan) {
      let ratio = Double(plan.onnxBytes) / Double(max(1, plan.predictedPithBytes))
      return plan.recipe + "# \(plan.model): \(Format.bytes(plan.onnxBytes)), model.pith would be "
        + "about \(Format.bytes(plan.predictedPithBytes)), \(Format.ratio(ratio)) smaller\n"
    }
  }
}

/// Shows what a compression came to.
struct CompressSummary {
  let console: Console

  init(_ console: Console) { self.console = console }

  /// Prints the table, where the files are, and warnings last.
  ///
  /// - Throws: `ExitCode` 3 where what was asked for was missed.
  func show(_ report: CompressReport, _ folder: RunFolder, target: Recipe.Target) throws {
    try console.show(report) {
      Comparison(report).table.text(color: console.isColored) + "\n\(Headline(report))\n"
    }
    console.note("report: \(folder.page.path)")
    console.warn(report.warnings)
    if !report.missed(of: target).isEmpty { throw ExitCode(ExitStatus.missed.rawValue) }
  }
}
