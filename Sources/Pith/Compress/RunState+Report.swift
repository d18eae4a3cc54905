import Foundation
import PithCoding
import PithCompression
import PithData
import PithKernels
public import PithReports
import PithTraining

extension RunState {
  var entropyCoder: EntropyCoder { coder.flatMap(EntropyCoder.init) ?? .arithmetic }

  mutating func add(
    _ step: Recipe.Step, _ after: Measurements, _ remarks: Remarks, seconds: Double
  ) {
    let settings = step.values.resolved.map { ($0.name, PithReports.SettingValue($0.value)) }
    steps.append(
      StepRecord(
        method: step.name, settings: Dictionary(settings) { first, _ in first },
        before: steps.last?.after ?? baseline, after: after, seconds: seconds,
        notes: remarks.notes))
    warnings += remarks.warnings
    self.seconds += seconds
  }

  /// What the last step did, in a line.
  var summary: String {
    guard let step = steps.last else { return "" }
    let size =
      "\(Format.bytes(step.before.smallestBytes)) → \(Format.bytes(step.after.smallestBytes))"
    let accuracy = step.after.top1.map { ", validation top-1 \(Format.percent($0))" } ?? ""
    return "\(step.method): \(size)\(accuracy), \(Format.duration(step.seconds))"
  }

  func report(
    _ job: CompressionJob, baseline: Measurements, result: Measurements, _ evaluation: Evaluation?
  ) -> CompressReport {
    var report = CompressReport(
      seed: job.recipe.seed, baseline: baseline, result: result, steps: steps,
      files: CompressReport.Files(), model: job.model.name, data: job.dataDescription,
      samples: evaluation?.samples, classNames: job.data?.dataset.classNames ?? [],
      confusion: evaluation?.confusion, history: history, recipe: job.recipe.yaml,
      command: "pith compress --recipe recipe.yaml -o FOLDER", created: Date(),
      version: pithVersion, runtime: Profiling.runtime, machine: .current(),
      threads: KernelLibrary.threads, seconds: seconds)
    report.warnings =
      warnings + memorised(baseline, job.data) + report.shortfalls(of: job.recipe.target)
    return report
  }

  /// Sizes and validation accuracies on the way.
  private var history: [HistoryPoint] {
    let start = baseline.onnxBytes.map {
      HistoryPoint(label: "original", bytes: $0, top1: baseline.top1)
    }
    return [start].compactMap(\.self)
      + steps.compactMap { step in
        step.after.smallestBytes.map {
          HistoryPoint(label: step.method, bytes: $0, top1: step.after.top1)
        }
      }
  }

  /// A model that does much better on the samples held out now than on the test split has most
  /// likely been trained on them.
  private func memorised(_ tested: Measurements, _ data: LabelledData?) -> [String] {
    guard let held = baseline.top1, let test = tested.top1,
      let heldCount = data?.dataset.validation?.count, let testCount = data?.dataset.test?.count
    else { return [] }
    let share = (held + test) / 2
    let spread = (share * (1 - share) * (1 / Double(heldCount) + 1 / Double(testCount)))
      .squareRoot()
    guard held - test > max(0.005, 4 * spread) else { return [] }
    return [
      "the model knows the samples held out for validation (top-1 \(Format.percent(held)) of them, "
        + "\(Format.percent(test)) of the test split): accuracies of single steps are too good"
    ]
  }
}

extension CompressReport {
  /// Where the result is slower or less accurate than asked for, or larger.
  func shortfalls(of target: Recipe.Target) -> [String] {
    var found = missed(of: target)
    if found.isEmpty, let before = baseline.top1, let after = result.top1, before - after > 0.01 {
      found.append("accuracy fell by \(Format.points(before - after).dropFirst())")
    }
    if let before = baseline.latencyMilliseconds, let after = result.latencyMilliseconds,
      after > 1.1 * before
    {
      found.append(
        "the result is slower: \(Format.milliseconds(before)) → \(Format.milliseconds(after))")
    }
    return found
  }

  /// Where the result misses what was asked for.
  public func missed(of target: Recipe.Target) -> [String] {
    var found: [String] = []
    if let limit = target.accuracyLoss, let before = baseline.top1, let after = result.top1,
      before - after > limit
    {
      found.append(
        "the accuracy asked for was missed: top-1 \(Format.percent(before)) → "
          + "\(Format.percent(after)), \(Format.percent(limit)) may be lost")
    }
    if let limit = target.bytes, let bytes = result.smallestBytes, bytes > limit {
      found.append(
        "the size asked for was missed: \(Format.exact(bytes)) of \(Format.exact(limit)) bytes")
    }
    return found
  }
}

extension PithReports.SettingValue {
  init(_ value: PithCompression.SettingValue) {
    self =
      switch value {
      case .number(let number): .number(number)
      case .wholeNumber(let number): .integer(number)
      case .word(let word): .text(word)
      case .flag(let flag): .flag(flag)
      case .list(let values): .list(values.map(Self.init))
      case .mapping(let values): .mapping(values.mapValues(Self.init))
      }
  }
}
