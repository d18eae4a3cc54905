import Foundation
public import PithData
public import PithGraph
public import PithRuntime
import PithTensors

/// How well a classifier does on labelled data.
public struct Evaluation: Sendable, Hashable, Codable {
  public var samples = 0
  /// Share of samples whose label scores highest, 0...1.
  public var top1 = 0.0
  /// Share of samples whose label is among the five highest scores, 0...1.
  public var top5 = 0.0
  /// Mean cross-entropy, in nats.
  public var loss = 0.0
  public var seconds = 0.0
  /// confusion[label][answer], in samples.
  public var confusion: [[Int]] = []

  /// Share of each class's samples that were told right; nil for a class without samples.
  public var perClass: [Double?] {
    confusion.enumerated().map { label, row in
      let total = row.reduce(0, +)
      return total == 0 ? nil : Double(row[label]) / Double(total)
    }
  }
}

/// Runs a classifier over a split, batch by batch.
public final class Evaluator {
  private let batches: BatchedRun
  private let classes: Int
  private let isProbability: Bool

  public init(
    _ graph: Graph, _ split: Split, preprocessing: Preprocessing, batch: Int = 128,
    workers: Int = 1, sparse: SparseExecution = .dense
  ) throws {
    guard split.labels != nil else { throw TrainingError.noLabels }
    batches = try BatchedRun(
      graph, split, preprocessing: preprocessing, batch: batch, workers: workers, sparse: sparse)
    guard batches.output.rank >= 2 else {
      throw TrainingError.outputShape("\(batches.output)")
    }
    classes = batches.output.count / batches.output[0]
    if let largest = split.labels?.max(), Int(largest) >= classes {
      throw TrainingError.classes(network: classes, data: Int(largest) + 1)
    }
    isProbability = graph.endsInSoftmax
  }

  /// - Parameter progress: called after each batch with the number of samples done.
  public func run(progress: ((Int) throws -> Void)? = nil) throws -> Evaluation {
    var result = Evaluation()
    result.confusion = Array(repeating: Array(repeating: 0, count: classes), count: classes)
    let start = Date()
    var (right, rightOfFive, loss) = (0, 0, 0.0)
    try batches.run { batch, scores in
      for row in 0..<batch.count {
        let label = Int(batch.labels[row])
        guard label >= 0 else { continue }
        let values = scores[(row * classes)..<((row + 1) * classes)]
        let place = rank(of: label, in: values)
        right += place.rank == 0 ? 1 : 0
        rightOfFive += place.rank < 5 ? 1 : 0
        loss += crossEntropy(of: label, in: values)
        result.confusion[label][place.best] += 1
        result.samples += 1
      }
      try progress?(result.samples)
    }
    let count = Double(max(result.samples, 1))
    result.top1 = Double(right) / count
    result.top5 = Double(rightOfFive) / count
    result.loss = loss / count
    result.seconds = Date().timeIntervalSince(start)
    return result
  }

  /// How many scores beat the label's (an equal one does when it comes first), and the best class.
  private func rank(of label: Int, in scores: Slice<UnsafeBufferPointer<Float>>)
    -> (rank: Int, best: Int)
  {
    let own = scores[scores.startIndex + label]
    var (rank, best) = (own.isNaN ? classes : 0, 0)
    for (index, score) in scores.enumerated() {
      if score > own || (score == own && index < label) { rank += 1 }
      if score > scores[scores.startIndex + best] { best = index }
    }
    return (rank, best)
  }

  private func crossEntropy(of label: Int, in scores: Slice<UnsafeBufferPointer<Float>>) -> Double {
    let own = Double(scores[scores.startIndex + label])
    if isProbability { return -log(max(own, 1e-30)) }
    let largest = Double(scores.max() ?? 0)
    let sum = scores.reduce(0.0) { $0 + exp(Double($1) - largest) }
    return log(sum) + largest - own
  }
}

extension Graph {
  /// Whether the output is a softmax, perhaps reshaped.
  var endsInSoftmax: Bool {
    guard var value = outputs.first else { return false }
    let connections = self.connections
    for _ in 0..<8 {
      guard let position = connections.producer[value] else { return false }
      let name = nodes[position].operator.name
      if name == "Softmax" { return true }
      guard
        ["Identity", "Reshape", "Flatten", "Squeeze", "DequantizeLinear", "QuantizeLinear"]
          .contains(name), let input = nodes[position].inputs.first, let input
      else { return false }
      value = input
    }
    return false
  }
}
