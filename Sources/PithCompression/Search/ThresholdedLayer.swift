import Foundation

/// A layer that a threshold is chosen for: its single weights, or its channels.
public struct ThresholdedLayer: Sendable, Hashable {
  public let name: String
  /// What tells this layer from others: its size, place and weights.
  public let features: [Double]
  /// What is compared with thresholds, in their units, ascending.
  private let scores: [Float]
  /// For each score the sum of the squares of those before it.
  private let energy: [Double]
  private let total: Double

  /// - Parameters:
  ///   - scores: of each weight or channel, in the units that thresholds have.
  public init(name: String, features: [Double], scores: [Float]) {
    self.name = name
    self.features = features
    self.scores = scores.sorted()
    var sum = 0.0
    var energy = [0.0]
    for score in self.scores {
      sum += Double(score) * Double(score)
      energy.append(sum)
    }
    self.energy = energy
    total = sum
  }

  /// How many of the weights or channels lie below a threshold.
  public func count(below threshold: Double) -> Int {
    var (low, high) = (0, scores.count)
    while low < high {
      let middle = (low + high) / 2
      if Double(scores[middle]) < threshold { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The share of the weights or channels that lie below a threshold.
  public func share(below threshold: Double) -> Double {
    Double(count(below: threshold)) / Double(max(scores.count, 1))
  }

  /// What a predictor is told of the layer under a threshold: what it is, the threshold in
  /// parts of the largest, the share that goes, and the norm of what goes in parts of the whole.
  func inputs(_ threshold: Double, largest: Double) -> [Double] {
    let gone = energy[count(below: threshold)] / max(total, .leastNormalMagnitude)
    return features + [threshold / max(largest, 1e-9), share(below: threshold), gone.squareRoot()]
  }

  /// The logarithms of a layer's parameters, multiply-accumulates and inputs of a filter; its
  /// place; the logarithms of its weights' standard deviation and of their kurtosis.
  static func features(
    parameters: Int, macs: Int, place: Int, inputs: Int, weights: [Float]
  ) -> [Double] {
    let count = Double(max(weights.count, 1))
    let mean = weights.reduce(0.0) { $0 + Double($1) } / count
    let (second, fourth) = weights.reduce((0.0, 0.0)) { sums, weight in
      let square = (Double(weight) - mean) * (Double(weight) - mean)
      return (sums.0 + square, sums.1 + square * square)
    }
    let variance = max(second / count, 1e-30)
    return [
      log(Double(parameters) + 1), log(Double(macs) + 1), log(Double(inputs) + 1), Double(place),
      log(variance) / 2, log(fourth / count / (variance * variance) + 1e-9),
    ]
  }
}
