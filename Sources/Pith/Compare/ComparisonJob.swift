import Foundation
import PithCompression
import PithData
import PithGraph
import PithKernels
public import PithReports
import PithRuntime
import PithTraining

/// Runs every row of a comparison with every seed, and measures what became of the model.
///
/// After each row the tables are written; a comparison that was stopped goes on with the first row
/// that is not done. A row that fails is told as such, and the others run.
public struct ComparisonJob: Sendable {
  public let folder: ComparisonFolder
  private let recipe: ComparisonRecipe
  private let isResumed: Bool
  private let observer: JobObserver
  private let log: RunLog

  /// A new comparison.
  public init(
    _ recipe: ComparisonRecipe, in folder: ComparisonFolder, observer: JobObserver = JobObserver()
  ) throws {
    try self.init(recipe, folder, observer, isResumed: false)
  }

  /// A comparison that goes on where it stopped; rows that failed are tried again.
  public init(resuming folder: ComparisonFolder, observer: JobObserver = JobObserver()) throws {
    guard folder.isBegun else {
      throw PithError.option(folder.url.path, reason: "there is no comparison in this folder")
    }
    try self.init(
      try ComparisonRecipe(reading: folder.recipe), folder, observer, isResumed: true)
  }

  private init(
    _ recipe: ComparisonRecipe, _ folder: ComparisonFolder, _ observer: JobObserver,
    isResumed: Bool
  ) throws {
    self.recipe = try recipe.resolved()
    self.folder = folder
    self.isResumed = isResumed
    log = RunLog(file: folder.log)
    self.observer = JobObserver(progress: observer.progress) { [log] text in
      log.write("note", text)
      observer.note(text)
    }
  }

  /// Runs to the end.
  ///
  /// - Throws: `PithError.stopped` when interrupted, with everything saved; where all rows failed,
  ///   the error of the first.
  public func run(force: Bool = false) throws -> CompareReport {
    let start = Date()
    let job = try CompressionJob(
      recipe.recipe([recipe.training], seed: recipe.seeds[0]), observer)
    var resolved = recipe
    resolved.base = job.recipe
    var report = try begin(job, resolved, force: force)
    let earlier = report.seconds ?? 0
    var firstError: (any Error)?
    for number in 0...recipe.rows.count {
      if number == 0, recipe.epochs == 0 { continue }
      if let row = report.row(number), row.isFinished { continue }
      let (row, error) = try compare(resolved, number, job.model, &report)
      firstError = firstError ?? (number == 0 ? nil : error)
      report.set(row, at: number)
      report.seconds = earlier + Date().timeIntervalSince(start)
      try folder.save(report)
      log.write("row", row.summary)
      observer.note("\(number)/\(recipe.rows.count) \(row.summary)")
    }
    if let firstError, report.rows.allSatisfy({ $0.parameters == nil }) { throw firstError }
    report.isFinished = true
    report.warnings += report.doubts
    try folder.save(report)
    log.write("end", report.headline)
    return report
  }

  private func begin(
    _ job: CompressionJob, _ resolved: ComparisonRecipe, force: Bool
  ) throws -> CompareReport {
    if isResumed, var report = try folder.reached() {
      log.write("resume")
      report.isFinished = false
      report.warnings = report.notes
      return report
    }
    let (baseline, _) = try job.baseline()
    if !isResumed { try folder.begin(resolved, force: force) }
    log.write("begin", resolved.yaml)
    var report = CompareReport(rows: [])
    report.baseline = baseline
    report.model = job.model.name
    report.data = job.dataDescription
    report.samples = job.data?.dataset.evaluation.count
    report.seeds = recipe.seeds
    report.epochs = recipe.epochs ?? 0
    report.planned = recipe.rows.map { $0.name ?? $0.label }
    report.notes = job.model.warnings + (job.data?.dataset.warnings ?? [])
    report.warnings = report.notes
    report.recipe = resolved.yaml
    report.command = "pith compare --recipe comparison.yaml -o FOLDER"
    report.created = Date()
    report.version = pithVersion
    report.runtime = Profiling.runtime
    report.machine = .current()
    report.threads = KernelLibrary.threads
    try folder.save(report)
    return report
  }

  // MARK: - Rows

  /// Runs a row with every seed; its first error comes beside it.
  private func compare(
    _ recipe: ComparisonRecipe, _ number: Int, _ original: Model, _ report: inout CompareReport
  ) throws -> (CompareReport.Row, (any Error)?) {
    let steps = number == 0 ? [recipe.training] : recipe.rows[number - 1].steps
    let name = number == 0 ? "control" : report.planned[number - 1]
    var row = CompareReport.Row(steps, name: name)
    var firstError: (any Error)?
    for seed in recipe.seeds {
      if Interruption.isRequested { throw stopped() }
      let run = folder.run(number, seed: seed)
      let task = recipe.seeds.count > 1 ? "\(name), seed \(seed)" : name
      do {
        let result = try runOnce(recipe.recipe(steps, seed: seed), in: run, task, report.tested)
        if report.tested == nil, result.baseline.top1 != nil {
          (report.tested, report.baseline) = (result.baseline, result.baseline)
        }
        row.runs.append(CompareReport.Run(result, seed: seed, folder: folder.name(of: run)))
        report.addNotes(result.warnings, of: name)
      } catch PithError.stopped { throw stopped() } catch PithError.unwritable(let path, let why) {
        // Every other row would fail alike, and the tables could not be written.
        throw PithError.unwritable(path: path, reason: why)
      } catch {
        firstError = firstError ?? error
        row.runs.append(CompareReport.Run(failed: "\(error)", seed: seed))
        log.write("failed", "\(task): \(error)")
      }
    }
    row.summarize()
    if let first = row.runs.first(where: { $0.result != nil }), let folder = first.folder {
      let url = self.folder.url.appendingPathComponent(folder)
      measureLatency(of: &row, try Model(reading: RunFolder(url).model), original)
    }
    return (row, firstError)
  }

  /// The report of a finished run, or of one that begins or goes on now.
  private func runOnce(
    _ recipe: Recipe, in run: RunFolder, _ task: String, _ tested: Measurements?
  ) throws -> CompressReport {
    if run.isFinished { return try run.finishedReport() }
    let observer = JobObserver(
      progress: { line in
        var line = line
        line.task = "\(task): \(line.task)"
        self.observer.progress(line)
      }, note: { self.observer.note("\(task): \($0)") })
    var pipeline =
      run.isResumable
      ? try Pipeline(resuming: run, observer: observer)
      : Pipeline(recipe, in: run, observer: observer)
    pipeline.testedBaseline = tested
    return try pipeline.run(force: true)
  }

  private func stopped() -> PithError {
    log.write("stop")
    return .stopped(advice: "pith runs resume \(folder.url.path)")
  }

  /// Latencies of the row's network, and of the given one in the same turns.
  private func measureLatency(of row: inout CompareReport.Row, _ model: Model, _ original: Model) {
    var turns: [(Graph, SparseExecution)] = [
      (original.graph, .auto), (model.graph, .auto), (model.graph, .dense),
    ]
    if row.nonzeroParameters != row.parameters { turns.append((model.graph, .sparse)) }
    let latencies = Profiling.inTurns(turns).map { $0?.p50 }
    row.baselineLatencyMilliseconds = latencies[0]
    row.latencyMilliseconds = latencies[1]
    row.denseLatencyMilliseconds = latencies[2]
    row.sparseLatencyMilliseconds = latencies.count > 3 ? latencies[3] : nil
  }
}
