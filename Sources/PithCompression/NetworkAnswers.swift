import Foundation
package import PithData
package import PithGraph
import PithRuntime
import PithTensors
import PithTraining

/// What a network gives for some samples, to be compared with what another gives.
package struct NetworkAnswers {
  /// How answers are compared.
  package enum Divergence {
    /// Mean over the samples of the Kullback-Leibler divergence of the classes' probabilities, in
    /// nats.
    case kullbackLeibler
    /// Norm of the difference of the outputs over the norm of the outputs.
    case relative
  }

  /// For each output the elements of all samples, one sample after the other.
  package let outputs: [[Float]]
  package let samples: Int
  /// Of one sample, for each output.
  private let ranks: [Int]

  /// Runs the network over a split.
  package init(
    _ graph: Graph, _ split: Split, _ preprocessing: Preprocessing, batch: Int = 128
  ) throws {
    guard graph.inputs.count == 1 else { throw TrainingError.inputs(graph.inputs.count) }
    let batch = max(1, min(batch, split.count))
    let loader = try Loader(split, batch: batch, preprocessing: preprocessing, workers: 1)
    let sample = Shape(Array(loader.shape.dimensions.dropFirst()))
    let bound = try graph.forInference().withSample(sample).withBatch(batch)
    try bound.check(input: loader.shape)
    let executable = try Executable(bound, sparse: .dense)
    for output in bound.outputs {
      let type = bound.type(of: output)
      guard type?.dtype == .float32, type?.shape?.dimensions.first == batch else {
        throw TrainingError.outputShape(type?.description ?? "?")
      }
    }
    var outputs = [[Float]](repeating: [], count: bound.outputs.count)
    try loader.epoch(0) { batch in
      if Interruption.isRequested { throw TrainingError.interrupted }
      executable.inputBytes(0).copyMemory(from: UnsafeRawBufferPointer(batch.paddedImages))
      executable.execute()
      for index in outputs.indices {
        let elements = executable.outputBytes(index).bindMemory(to: Float.self)
        outputs[index] += elements.prefix(elements.count / batch.shape[0] * batch.count)
      }
    }
    self.outputs = outputs
    samples = split.count
    ranks = bound.outputs.map { (bound.type(of: $0)?.rank ?? 1) - 1 }
  }

  /// Share of the labels that score highest, and mean cross-entropy in nats.
  package func accuracy(_ labels: [Int32], isProbability: Bool) -> (top1: Double, loss: Double)? {
    guard outputs.count == 1, samples > 0, labels.count == samples else { return nil }
    let classes = outputs[0].count / samples
    guard classes > 1, labels.allSatisfy({ (0..<Int32(classes)).contains($0) }) else { return nil }
    var (right, loss) = (0, 0.0)
    for (row, label) in labels.enumerated() {
      let scores = outputs[0][(row * classes)..<((row + 1) * classes)]
      let own = scores[scores.startIndex + Int(label)]
      // Of equal scores the first counts; what is not a number is never right.
      let isBeaten = scores.indices.contains {
        scores[$0] > own || (scores[$0] == own && $0 < scores.startIndex + Int(label))
      }
      right += own.isNaN || isBeaten ? 0 : 1
      loss -= Self.logProbabilities(scores, isProbability: isProbability)[Int(label)]
    }
    return (Double(right) / Double(samples), loss / Double(samples))
  }

  /// Whether each sample's output is a distribution over two or more classes.
  package var areProbabilities: Bool {
    guard outputs.count == 1, samples > 0 else { return false }
    let classes = outputs[0].count / samples
    return classes > 1
      && (0..<samples).allSatisfy { row in
        let scores = outputs[0][(row * classes)..<((row + 1) * classes)]
        let sum = scores.reduce(0.0) { $0 + Double($1) }
        return scores.allSatisfy { $0 >= 0 } && (sum - 1).magnitude < 1e-3
      }
  }

  /// The measure that fits: the Kullback-Leibler divergence for the scores of classes.
  package var usualDivergence: Divergence {
    ranks == [1] && outputs[0].count / max(samples, 1) > 1 ? .kullbackLeibler : .relative
  }

  /// How far another network's answers are from these.
  package func divergence(
    of other: NetworkAnswers, _ measure: Divergence, isProbability: Bool
  ) -> Double {
    switch measure {
    case .relative: relativeDifference(of: other)
    case .kullbackLeibler: kullbackLeibler(of: other, isProbability: isProbability)
    }
  }

  /// Norm of the difference over the norm, mean over the outputs.
  private func relativeDifference(of other: NetworkAnswers) -> Double {
    let differences = zip(outputs, other.outputs).map { own, others in
      var (difference, norm) = (0.0, 0.0)
      for (a, b) in zip(own, others) {
        difference += Double(a - b) * Double(a - b)
        norm += Double(a) * Double(a)
      }
      return difference == 0 ? 0 : (difference / max(norm, .leastNormalMagnitude)).squareRoot()
    }
    return differences.reduce(0, +) / Double(max(differences.count, 1))
  }

  /// Sum over the classes of p (log p - log q), mean over the samples.
  private func kullbackLeibler(of other: NetworkAnswers, isProbability: Bool) -> Double {
    guard let own = outputs.first, let others = other.outputs.first, samples > 0,
      own.count == others.count
    else { return .infinity }
    let classes = own.count / samples
    var sum = 0.0
    for row in 0..<samples {
      let range = (row * classes)..<((row + 1) * classes)
      let p = Self.logProbabilities(own[range], isProbability: isProbability)
      let q = Self.logProbabilities(others[range], isProbability: isProbability)
      for index in 0..<classes where p[index] > -700 {
        sum += exp(p[index]) * (p[index] - q[index])
      }
    }
    // Rounding can leave a trace below zero where nothing differs.
    return max(0, sum / Double(samples))
  }

  private static func logProbabilities(
    _ scores: ArraySlice<Float>, isProbability: Bool
  ) -> [Double] {
    if isProbability { return scores.map { log(max(Double($0), 1e-30)) } }
    let largest = Double(scores.max() ?? 0)
    let sum = scores.reduce(0.0) { $0 + exp(Double($1) - largest) }
    return scores.map { Double($0) - largest - log(sum) }
  }
}
