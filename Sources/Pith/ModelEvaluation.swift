import Dispatch
import PithCompression
import PithData
import PithGraph
public import PithReports
public import PithRuntime
import PithTraining

/// Measures a network on data with labels or targets.
public enum ModelEvaluation {
  /// The report of `pith evaluate`.
  ///
  /// - Parameter split: `train`, `validation` or `test`; nil for the best there is.
  public static func run(
    _ model: Model, on data: LabelledData, split name: String? = nil, limit: Int? = nil,
    batch: Int = 128, sparse: SparseExecution = .dense, observer: JobObserver = JobObserver()
  ) throws -> EvaluateReport {
    var split = try name.map { try data.split(named: $0) } ?? data.dataset.evaluation
    if let limit { split = split.prefix(limit) }
    if split.targetShape != nil {
      let result = try measureRegression(
        model.graph, split, data.preprocessing, batch: batch, task: "evaluate", observer: observer)
      return EvaluateReport(
        samples: result.samples, top1: nil, top5: nil, loss: result.meanSquaredError,
        seconds: result.seconds, meanSquaredError: result.meanSquaredError, model: model.name,
        data: data.specification.description, warnings: data.dataset.warnings)
    }
    let result = try measure(
      model.graph, split, data.preprocessing, batch: batch, sparse: sparse, task: "evaluate",
      observer: observer)
    return EvaluateReport(
      samples: result.samples, top1: result.top1, top5: result.reportedTop5, loss: result.loss,
      seconds: result.seconds, model: model.name, data: data.specification.description,
      classNames: data.dataset.classNames, confusion: result.confusion,
      warnings: data.dataset.warnings)
  }

  /// Measures a classifier on a split, telling how far it is.
  static func measure(
    _ graph: Graph, _ split: Split, _ preprocessing: Preprocessing, batch: Int = 128,
    sparse: SparseExecution = .dense, task: String, observer: JobObserver
  ) throws -> Evaluation {
    let evaluator = try Evaluator(
      graph, split, preprocessing: preprocessing, batch: batch, workers: 1, sparse: sparse)
    return try evaluator.run(progress: progress(split.count, task, observer))
  }

  /// The same for a network that is to give the split's targets.
  static func measureRegression(
    _ graph: Graph, _ split: Split, _ preprocessing: Preprocessing, batch: Int = 128,
    task: String, observer: JobObserver
  ) throws -> RegressionEvaluation {
    let evaluator = try RegressionEvaluator(
      graph, split, preprocessing: preprocessing, batch: batch, workers: 1)
    return try evaluator.run(progress: progress(split.count, task, observer))
  }

  /// Tells the observer how many of `count` samples are done; throws on an interrupt.
  private static func progress(_ count: Int, _ task: String, _ observer: JobObserver)
    -> (Int) throws -> Void
  {
    let start = DispatchTime.now().uptimeNanoseconds
    return { done in
      if Interruption.isRequested { throw PithError.interrupted }
      let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
      let rate = Double(done) / max(seconds, 1e-9)
      observer.progress(
        ProgressLine(
          task: task, fraction: Double(done) / Double(max(count, 1)), imagesPerSecond: rate,
          secondsLeft: Double(count - done) / rate))
    }
  }
}

extension Evaluation {
  /// Nil where there are fewer than five classes.
  var reportedTop5: Double? { confusion.count < 5 ? nil : top5 }
}
