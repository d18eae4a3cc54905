import Foundation
import PithCompression
import PithTensors
import Testing

/// Layers of which accuracy and size are known functions of the thresholds.
private struct KnownResponse {
  let space: SearchSpace
  private let sensitivity: [Double]
  private let weights: [Double]

  init(layers: Int, drop: Double = 0.02) {
    var random = Philox(seed: 21)
    // The last layers are large and bear much, as fully connected ones do.
    sensitivity = (0..<layers).map { exp2(-Double($0)) }
    weights = (0..<layers).map { exp2(2 * Double($0)) }
    let layers = (0..<layers).map { layer in
      ThresholdedLayer(
        name: "layer\(layer)", features: [Double(layer), Double(layer * layer)],
        scores: (0..<2000).map { _ in random.normal().magnitude })
    }
    space = SearchSpace(
      layers, largest: 3, accuracy: 0.95, drop: drop, resolution: 0.0002,
      objective: .parameters)
  }

  /// Accuracy falls with the squared norm of what goes, each layer having its own weight.
  func measure(_ thresholds: [Double]) -> ProbeOutcome {
    var (harm, kept) = (0.0, 0.0)
    for (layer, threshold) in thresholds.enumerated() {
      harm += sensitivity[layer] * pow(threshold, 3) / 10
      kept += weights[layer] * (1 - space.layers[layer].share(below: threshold))
    }
    let accuracy = 0.1 + 0.85 * exp(-harm)
    let left = kept / weights.reduce(0, +)
    return ProbeOutcome(thresholds: thresholds, accuracy: accuracy, parameters: left, macs: left)
  }

  func record(
    _ strategy: any SearchStrategy.Type, probes: Int = 20, seed: UInt64 = 1
  ) throws -> SearchRecord {
    try strategy.init(space, probes: probes, seed: seed).run(probes: probes, measure: measure)
  }

  func best(_ strategy: any SearchStrategy.Type, seed: UInt64 = 1) throws -> Double {
    space.best(of: try record(strategy, seed: seed).outcomes)?.parameters ?? 1
  }
}

@Suite("Search strategies")
struct SearchStrategyTests {
  /// One threshold for all is far from the best where layers differ.
  @Test("the predictor finds smaller networks than a sweep and random search", arguments: 1...2)
  func predictorFindsMore(_ seed: UInt64) throws {
    let several = KnownResponse(layers: 4)
    let sweep = try several.best(SweepSearch.self)
    let found = try several.best(PredictorSearch.self, seed: seed)
    #expect(found < 0.95 * sweep)
    #expect(found < (try several.best(RandomSearch.self, seed: seed)))
  }

  @Test("the predictor is no worse than a sweep where there is one layer")
  func oneLayer() throws {
    let one = KnownResponse(layers: 1)
    #expect(try one.best(PredictorSearch.self) <= one.best(SweepSearch.self))
  }

  @Test("a sweep goes up in even steps")
  func sweep() throws {
    let record = try KnownResponse(layers: 2).record(SweepSearch.self, probes: 6)
    #expect(record.outcomes.map { $0.thresholds[0] } == [0.5, 1, 1.5, 2, 2.5, 3])
    #expect(record.outcomes.allSatisfy { $0.thresholds[0] == $0.thresholds[1] })
    #expect(record.predictions.allSatisfy { $0 == nil })
  }

  @Test(
    "the same seed tries the same, also when some is known", arguments: ["predictor", "random"])
  func repeatable(_ name: String) throws {
    let strategy = try #require(searchStrategies.first { $0.name == name })
    let problem = KnownResponse(layers: 3)
    let record = try problem.record(strategy, probes: 10)
    let again = try problem.record(strategy, probes: 10)
    #expect(record.outcomes == again.outcomes && record.predictions == again.predictions)
    let other = try problem.record(strategy, probes: 10, seed: 2)
    #expect(record.outcomes != other.outcomes)
    let fresh = strategy.init(problem.space, probes: 10, seed: 1)
    let next = try fresh.propose(after: Array(record.outcomes.prefix(7)))
    #expect(next?.thresholds == record.outcomes[7].thresholds)
    #expect(record.outcomes.allSatisfy { $0.thresholds.allSatisfy { (0...3).contains($0) } })
  }

  /// Channels are few: thresholds that remove the same ones are not tried twice.
  @Test("the predictor tries nothing twice, and stops where there is no more")
  func fewChannels() throws {
    let layer = ThresholdedLayer(
      name: "few", features: [1], scores: [0.2, 0.4, 0.6, 0.8, 1])
    let space = SearchSpace(
      [layer], largest: 1, accuracy: 1, drop: 0.1, resolution: 0.01, objective: .macs)
    let record = try PredictorSearch(space, probes: 30, seed: 1).run(probes: 30) {
      let share = layer.share(below: $0[0])
      return ProbeOutcome(
        thresholds: $0, accuracy: share < 0.5 ? 1 : 0.5, parameters: 1 - share, macs: 1 - share)
    }
    #expect(record.outcomes.count < 30)
    #expect(space.best(of: record.outcomes)?.macs == 0.6)
  }

  @Test("the best is the smallest that is allowed")
  func best() {
    let space = KnownResponse(layers: 1, drop: 0.01).space
    func outcome(_ accuracy: Double, _ left: Double) -> ProbeOutcome {
      ProbeOutcome(thresholds: [1], accuracy: accuracy, parameters: left, macs: 1)
    }
    #expect(space.best(of: [outcome(0.93, 0.1)]) == nil)
    let outcomes = [outcome(0.95, 0.5), outcome(0.94, 0.3), outcome(0.945, 0.3), outcome(0.9, 0.1)]
    #expect(space.best(of: outcomes) == outcomes[2])
  }
}

@Suite("Response predictor")
struct ResponsePredictorTests {
  /// Two responses of three layers with two features each: a sum of products, and a largest one.
  private func response(_ layers: [[Double]]) -> [Double] {
    let products = layers.map { $0[0] * $0[1] }
    return [100 + 10 * products.reduce(0, +), layers.map { $0[1] }.reduce(0, +) / 1000]
  }

  private func examples(_ count: Int, stream: UInt64) -> [[[Double]]] {
    var random = Philox(seed: 4, stream: stream)
    return (0..<count).map { _ in
      (0..<3).map { layer in [Double(layer), Double(random.uniform()) * 2] }
    }
  }

  /// Errors are judged against the spread of the responses: 1 is what their mean would give.
  @Test("learns a known function from few examples")
  func learns() throws {
    let known = examples(40, stream: 1)
    let predictor = try ResponsePredictor(fitting: known, to: known.map(response), seed: 3)
    for (asked, bound) in [(known, 0.02), (examples(60, stream: 2), 0.1)] {
      let expected = try predictor(asked)
      for column in 0..<2 {
        let right = asked.map { response($0)[column] }
        let mean = right.reduce(0, +) / Double(right.count)
        let spread = right.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let error = zip(expected, right).reduce(0) {
          $0 + ($1.0[column] - $1.1) * ($1.0[column] - $1.1)
        }
        #expect(error < bound * spread)
      }
    }
  }

  @Test("gives the same for the same seed")
  func repeatable() throws {
    let known = examples(8, stream: 1)
    let answers = try [3, 3, 4].map { seed in
      try ResponsePredictor(fitting: known, to: known.map(response), seed: seed)(known)
    }
    #expect(answers[0] == answers[1] && answers[0] != answers[2])
  }
}
