import Foundation
public import PithData
public import PithGraph
import PithTensors

/// How near a network comes to the targets of a regression.
public struct RegressionEvaluation: Sendable, Hashable, Codable {
  public var samples = 0
  /// The mean over samples and outputs of the squared difference.
  public var meanSquaredError = 0.0
  public var seconds = 0.0
}

/// Runs a network over a split that has targets, batch by batch.
public final class RegressionEvaluator {
  private let batches: BatchedRun

  public init(
    _ graph: Graph, _ split: Split, preprocessing: Preprocessing, batch: Int = 128,
    workers: Int = 1
  ) throws {
    guard let target = split.targetShape else { throw TrainingError.noTargets }
    batches = try BatchedRun(
      graph, split, preprocessing: preprocessing, batch: batch, workers: workers)
    try batches.output.check(targets: target)
  }

  /// - Parameter progress: called after each batch with the number of samples done.
  public func run(progress: ((Int) throws -> Void)? = nil) throws -> RegressionEvaluation {
    var result = RegressionEvaluation()
    let start = Date()
    let numbers = batches.output.count / batches.output[0]
    var sum = 0.0
    try batches.run { batch, outputs in
      for index in 0..<(batch.count * numbers) {
        let difference = Double(outputs[index]) - Double(batch.paddedTargets[index])
        sum += difference * difference
      }
      result.samples += batch.count
      try progress?(result.samples)
    }
    result.meanSquaredError = sum / Double(max(result.samples * numbers, 1))
    result.seconds = Date().timeIntervalSince(start)
    return result
  }
}
