import Foundation
import PithCoding
import PithCompression
import PithData
import PithGraph
import PithONNX
public import PithReports
import PithTraining

/// The whole way: a model, data and a recipe in; a folder with a smaller model and its report out.
///
/// After each step the network is read back from the file it was saved in, so that a run which was
/// stopped and resumed takes exactly the way of one that was not.
public struct Pipeline: Sendable {
  public let folder: RunFolder
  public let observer: JobObserver
  /// What an earlier run measured of the same model on the samples kept for the end.
  var testedBaseline: Measurements?
  private let recipe: Recipe
  private let isResumed: Bool
  private let log: RunLog

  /// A new run.
  public init(_ recipe: Recipe, in folder: RunFolder, observer: JobObserver = JobObserver()) {
    self.init(recipe, folder, observer, isResumed: false)
  }

  /// A run that goes on where an earlier one stopped.
  public init(resuming folder: RunFolder, observer: JobObserver = JobObserver()) throws {
    guard folder.isResumable else {
      throw PithError.option(folder.url.path, reason: "there is no unfinished run in this folder")
    }
    self.init(try Recipe(reading: folder.recipe), folder, observer, isResumed: true)
  }

  private init(_ recipe: Recipe, _ folder: RunFolder, _ observer: JobObserver, isResumed: Bool) {
    self.recipe = recipe
    self.folder = folder
    self.isResumed = isResumed
    log = RunLog(file: folder.log)
    self.observer = JobObserver(progress: observer.progress) { [log] text in
      log.write("note", text)
      observer.note(text)
    }
  }

  /// What the result must keep to.
  public var target: Recipe.Target { recipe.target }

  /// Runs to the end.
  ///
  /// - Throws: `PithError.stopped` when interrupted, with everything saved.
  public func run(force: Bool = false) throws -> CompressReport {
    do {
      let job = try CompressionJob(recipe, observer)
      if !isResumed { try folder.begin(job.recipe, force: force) }
      log.write(isResumed ? "resume" : "begin", job.recipe.yaml)
      var state = try folder.state() ?? begin(job)
      for number in job.recipe.steps.indices.dropFirst(state.steps.count) {
        try take(number, of: job, &state)
      }
      if recipe.control { try trainControl(job, &state) }
      return try finish(job, state)
    } catch TrainingError.interrupted { throw stopped() } catch PithError.interrupted {
      throw stopped()
    }
  }

  private func stopped() -> PithError {
    log.write("stop")
    return .stopped(advice: "pith runs resume \(folder.url.path)")
  }

  // MARK: - Stages

  private func begin(_ job: CompressionJob) throws -> RunState {
    let (baseline, entries) = try job.baseline()
    let state = RunState(
      baseline: baseline, baselineEntries: entries,
      warnings: job.model.warnings + (job.data?.dataset.warnings ?? []))
    if let top1 = state.baseline.top1 {
      observer.note("before: top-1 \(Format.percent(top1)) of the samples held out of training")
    }
    try folder.save(state)
    return state
  }

  /// Applies a step to the network before it, saves what came out, and measures it.
  private func take(_ index: Int, of job: CompressionJob, _ state: inout RunState) throws {
    let start = Date()
    let step = job.recipe.steps[index]
    log.write(
      "step", step.values.resolved.map { "\($0.name): \($0.value)" }.joined(separator: ", "),
      step: step.name)
    let before =
      try index == 0 ? job.model.graph : Model(reading: folder.network(afterStep: index)).graph
    let outcome = try step.type.init(step.values).apply(
      to: before,
      context(job, index, task: step.name, checkpoint: folder.training(inStep: index + 1)))
    let file = folder.network(afterStep: index + 1)
    before.leaveMappedMemory()
    try ONNXWriter.write(outcome.graph, to: file)
    log.write("written", step: step.name)
    state.coder = outcome.coder?.rawValue ?? state.coder
    let after = try Model(reading: file)
    let measurements = try {
      let sizes = try ModelSizes(after.graph, coder: state.entropyCoder)
      try WholeFile.write(sizes.onnx, to: folder.model)
      try WholeFile.write(sizes.archive, to: folder.archive)
      state.entries = sizes.entries
      return sizes.measurements(of: after.graph)
    }()
    let seconds = Date().timeIntervalSince(start)
    state.add(
      step, try job.measure(after.graph, measurements, task: step.name), outcome.remarks,
      seconds: seconds)
    try folder.save(state)
    try? FileManager.default.removeItem(at: folder.training(inStep: index + 1))
    for note in outcome.notes + outcome.warnings { observer.note("\(step.name): \(note)") }
    observer.note(state.summary)
  }

  /// Trains the given network as long and in the same way as each step did, without compressing it.
  private func trainControl(_ job: CompressionJob, _ state: inout RunState) throws {
    let steps = job.recipe.steps
    for index in steps.indices where index >= state.controlSteps ?? 0 {
      let start = Date()
      let checkpoint = folder.controlTraining(inStep: index + 1)
      let before = try control(job, afterStep: index)
      let file = folder.control(afterStep: index + 1)
      if let training = try FineTune(matching: steps[index].values) {
        let task = "control of \(steps[index].name)"
        log.write("control", step: steps[index].name)
        let context = context(job, index, task: task, checkpoint: checkpoint)
        try ONNXWriter.write(try training.apply(to: before, context).graph, to: file)
      } else {
        try ONNXWriter.write(before, to: file)
      }
      state.controlSteps = index + 1
      state.seconds += Date().timeIntervalSince(start)
      try folder.save(state)
      try? FileManager.default.removeItem(at: checkpoint)
    }
  }

  private func control(_ job: CompressionJob, afterStep number: Int) throws -> Graph {
    try number == 0 ? job.model.graph : Model(reading: folder.control(afterStep: number)).graph
  }

  /// What a step may use, with its progress told to the observer.
  private func context(
    _ job: CompressionJob, _ index: Int, task: String, checkpoint: URL
  ) -> Context {
    let step = job.recipe.steps[index]
    let batch = (try? step.values.wholeNumber("batch")) ?? 1
    let (observer, count) = (observer, job.recipe.steps.count)
    var context = job.context
    context.checkpoint = checkpoint
    context.progress = { progress in
      observer.progress(
        ProgressLine(progress, batch: batch, task: task, step: index + 1, steps: count))
    }
    let start = Date()
    context.workFinished = { done, of in
      let seconds = Date().timeIntervalSince(start)
      observer.progress(
        ProgressLine(
          task: task, step: index + 1, steps: count, fraction: Double(done) / Double(max(of, 1)),
          secondsLeft: seconds / Double(max(done, 1)) * Double(of - done)))
    }
    context.epochFinished = { epoch in
      let epochs = (try? step.values.wholeNumber("epochs")) ?? epoch.epoch + 1
      observer.note("\(task) \(epoch.summary(of: epochs))")
    }
    return context
  }

  /// Reads the samples kept for the end, writes the reports.
  private func finish(_ job: CompressionJob, _ state: RunState) throws -> CompressReport {
    let after = try Model(reading: folder.network(afterStep: state.steps.count))
    guard let measured = state.steps.last?.after, let entries = state.entries else {
      throw PithError.fault("a run without steps")
    }
    var baseline =
      try testedBaseline
      ?? job.finalMeasurements(job.model.graph, state.baseline, task: "test before").0
    var (result, evaluation) = try job.finalMeasurements(
      after.graph, measured, task: "test after")
    let latencies = Profiling.inTurns([job.model.graph, after.graph])
    baseline.latencyMilliseconds = latencies[0]?.p50
    result.latencyMilliseconds = latencies[1]?.p50
    var report = state.report(job, baseline: baseline, result: result, evaluation)
    if let steps = state.controlSteps {
      let control = try control(job, afterStep: steps)
      let sizes = try ModelSizes(control, coder: state.entropyCoder)
      let measured = sizes.measurements(of: control)
      let held = try job.measure(control, measured, task: "control")
      report.controlPoint = held.onnxBytes.map {
        HistoryPoint(label: "control", bytes: $0, top1: held.top1)
      }
      report.control = try job.finalMeasurements(
        control, measured, task: "test control"
      ).0
    }
    report.layers = StoredLayers.changes(
      from: StoredLayers(job.model.graph, state.baselineEntries ?? []),
      to: StoredLayers(after.graph, entries))
    if job.recipe.steps.contains(where: \.ranksByNorm) {
      report.norms = Inspection.norms(of: job.model.graph)
    }
    try WholeFile.write(HTMLReport(report).html(), to: folder.page)
    try WholeFile.write(try report.json(), to: folder.report)
    log.write("end", "\(Headline(report))")
    folder.finish()
    return report
  }
}
