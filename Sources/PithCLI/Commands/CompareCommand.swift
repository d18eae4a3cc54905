import ArgumentParser
import Foundation
import Pith
import PithData
import PithReports

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compares methods on one model with the same data, seeds and training.",
    discussion: """
      Methods are named with their settings where need be: \
      --methods 'pruning: {sparsity: 0.9}, channel-pruning: {macs: 0.5}, int8'. A recipe has them \
      under rows:, each a method or a list of steps with a name. Every row, and the uncompressed \
      control, is trained for the same number of epochs. Writes comparison.html, comparison.json, \
      comparison.yaml and a run folder for each row; the tables are written after each row. The \
      first interrupt saves everything and stops (status 75); go on with --resume. A row that fails \
      is shown as such and ends with status 3.
      """)

  @Argument(help: "An ONNX model or a .pith archive (may stand in the recipe instead).")
  var model: String?

  @OptionGroup var data: DataOptions

  @Option(help: "What is compared: methods and presets, with settings where need be.")
  var methods: String?

  @Option(help: ArgumentHelp("A file with the rows to compare, in YAML.", valueName: "file"))
  var recipe: String?

  @Option(
    help:
      "Passes over the training data for each row (default: those of the row that asks for most).")
  var epochs: Int?

  @Option(
    help: ArgumentHelp(
      "Settings of the training, as of the method fine-tune: '{optimizer: adam}'.",
      valueName: "mapping"))
  var fineTune: String?

  @Option(help: "One or several seeds, such as 1,2,3: each row runs once with each.")
  var seeds: String?

  @Option(
    help: "Training images held out for validation (default: a tenth, at most 5000; 0: none).")
  var validation: Int?

  @Option(
    name: .shortAndLong, help: "The folder to write (default: the model's name and -comparison).")
  var output: String?

  @Flag(help: "Replace an earlier comparison.")
  var force = false

  @Flag(help: "Go on with the comparison in the folder, if there is one.")
  var resume = false

  @Flag(help: "Say what would be compared, with all settings, and do nothing.")
  var dryRun = false

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var progress: ProgressOptions
  @OptionGroup var outputs: OutputOptions

  mutating func validate() throws {
    if methods != nil, recipe != nil {
      throw ValidationError("--methods and --recipe exclude each other")
    }
    if methods == nil, recipe == nil, !resume {
      throw ValidationError(
        "methods are missing: give --methods with some of pith methods, or --recipe FILE")
    }
    if fineTune != nil, methods == nil {
      throw ValidationError("--fine-tune goes with --methods; a recipe has fine-tune: of its own")
    }
    if force, resume { throw ValidationError("--force and --resume exclude each other") }
    if let epochs, !(0...100_000).contains(epochs) {
      throw ValidationError("--epochs must be 0 to 100000")
    }
    if let validation, validation < 0 {
      throw ValidationError("--validation must be 0 or more images")
    }
    if seeds != nil { _ = try parsedSeeds() }
  }

  func run() throws {
    let folder = ComparisonFolder(try target())
    threads.apply()
    let printer = ProgressPrinter(progress.style, quiet: outputs.quiet)
    defer { printer.finish() }
    let job: ComparisonJob
    if resume, folder.isBegun {
      job = try ComparisonJob(resuming: folder, observer: printer.observer)
    } else {
      let recipe = try resolvedRecipe()
      if dryRun {
        let plan = try recipe.plan()
        return try Console(outputs).show(plan) { plan.recipe }
      }
      job = try ComparisonJob(recipe, in: folder, observer: printer.observer)
    }
    ProcessSetup.catchInterrupts()
    let report = try job.run(force: force)
    printer.finish()
    try CompareSummary(Console(outputs)).show(report, folder)
  }

  private func target() throws -> URL {
    if let output { return URL(fileURLWithPath: output) }
    guard let model else {
      throw ValidationError("a folder to write is missing: give -o FOLDER")
    }
    let name = URL(fileURLWithPath: model).deletingPathExtension().lastPathComponent
    return URL(fileURLWithPath: "\(name)-comparison")
  }

  private func parsedSeeds() throws -> [UInt64] {
    let words = (seeds ?? "").split(separator: ",").map { $0.filter { $0 != " " } }
    let numbers = words.compactMap { UInt64($0) }
    guard !words.isEmpty, numbers.count == words.count, Set(numbers).count == numbers.count,
      numbers.count <= 100
    else {
      throw ValidationError("--seeds are 1 to 100 whole numbers, each of them once: 1,2,3")
    }
    return numbers
  }

  private func resolvedRecipe() throws -> ComparisonRecipe {
    var recipe =
      if let file = self.recipe {
        try ComparisonRecipe(reading: URL(fileURLWithPath: file))
      } else {
        try ComparisonRecipe(methods: methods ?? "", training: fineTune)
      }
    if let model { recipe.base.model = URL(fileURLWithPath: model) }
    if let text = data.data {
      let specification = try DataSpecification(text)
      let path = URL(fileURLWithPath: specification.path).standardizedFileURL.path
      recipe.base.data = "\(specification.format):\(path)"
    }
    recipe.base.preprocess = try data.preprocessing() ?? recipe.base.preprocess
    recipe.base.validation = validation ?? recipe.base.validation
    recipe.epochs = epochs ?? recipe.epochs
    if seeds != nil { recipe.seeds = try parsedSeeds() }
    return recipe
  }
}

/// Shows what a comparison came to.
struct CompareSummary {
  let console: Console

  init(_ console: Console) { self.console = console }

  /// Prints the table, where the page is, and warnings last.
  ///
  /// - Throws: `ExitCode` 3 where a row failed.
  func show(_ report: CompareReport, _ folder: ComparisonFolder) throws {
    try console.show(report) {
      MethodTable(report).table.text(color: console.isColored) + "\n\(report.headline)\n"
    }
    for row in report.rows {
      if let error = row.error { console.note("\(row.title) failed: \(error)") }
    }
    console.note("report: \(folder.page.path)")
    console.warn(report.warnings)
    if report.rows.contains(where: { !$0.isFinished }) {
      throw ExitCode(ExitStatus.missed.rawValue)
    }
  }
}
