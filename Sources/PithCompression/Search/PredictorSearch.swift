import Foundation
import PithTensors

/// A small network learns from the outcomes what thresholds cost in accuracy and what they leave;
/// of many candidates the one is tried that it expects to be the cheapest allowed.
///
/// Half of the probes are spread first: with several layers a coarse sweep, then a Latin hypercube
/// around what the sweep found. After each probe the network is trained again from the start.
public struct PredictorSearch: SearchStrategy {
  public static let name = "predictor"
  public static let summary =
    "a small network learns accuracy and cost from the probes so far and proposes the next"
  private let space: SearchSpace
  private let probes: Int
  private let seed: UInt64

  /// Shares of the loss allowed that proposals are to keep to by turns: a network that expects too
  /// little loss would otherwise only ever propose what is not allowed.
  private static let caution = [1, 0.8, 0.6]
  private static let candidatesPerAnchor = 400
  private static let anchors = 3

  public init(_ space: SearchSpace, probes: Int, seed: UInt64) {
    self.space = space
    self.probes = probes
    self.seed = seed
  }

  public func propose(after outcomes: [ProbeOutcome]) throws -> Proposal? {
    let number = outcomes.count
    if number < first { return Proposal(spread(number, outcomes)) }
    var random = Philox(seed: seed, stream: Self.stream | UInt64(number))
    let candidates = candidates(outcomes, &random)
    guard !candidates.isEmpty else { return nil }
    let predictor = try ResponsePredictor(
      fitting: outcomes.map { inputs($0.thresholds) }, to: outcomes.map(response),
      seed: seed &+ UInt64(number))
    let expected = try predictor(candidates.map(inputs))
    let most = damage(space.drop + space.resolution / 2)
    let limit = most * Self.caution[(number - first) % Self.caution.count]
    let allowed = expected.indices.filter { expected[$0][0] <= limit }
    let chosen =
      allowed.min { expected[$0][1] < expected[$1][1] }
      ?? expected.indices.min { expected[$0][0] < expected[$1][0] }
    guard let chosen else { return nil }
    return Proposal(candidates[chosen], prediction: prediction(expected[chosen]))
  }

  // MARK: - The first half

  private var first: Int { (probes + 1) / 2 }

  /// Of those, how many have the same threshold for all layers.
  private var sweep: Int { space.layers.count > 1 ? (first + 1) / 2 : first }

  private func spread(_ number: Int, _ outcomes: [ProbeOutcome]) -> [Double] {
    if number < sweep {
      let threshold = space.largest * Double(number + 1) / Double(sweep + 1)
      return space.layers.map { _ in threshold }
    }
    let found = space.best(of: Array(outcomes.prefix(sweep)))?.thresholds[0]
    let middle = found ?? space.largest / Double(2 * (sweep + 1))
    let (low, high) = (middle / 3, min(2 * middle, space.largest))
    let count = first - sweep
    return space.layers.indices.map { layer in
      var random = Philox(seed: seed, stream: Self.stream | 1 << 30 | UInt64(layer))
      let places = random.permutation(count)
      for _ in 0..<(number - sweep) { _ = random.uniform() }
      let place = Double(places[number - sweep]) + Double(random.uniform())
      return low + (high - low) * place / Double(count)
    }
  }

  // MARK: - The second half

  /// Thresholds that prune otherwise than all that was tried: near the best so far, and anywhere.
  private func candidates(_ outcomes: [ProbeOutcome], _ random: inout Philox) -> [[Double]] {
    var seen = Set(outcomes.map { space.counts($0.thresholds) })
    var found: [[Double]] = []
    func consider(_ thresholds: [Double]) {
      if seen.insert(space.counts(thresholds)).inserted { found.append(thresholds) }
    }
    for anchor in anchors(outcomes) {
      for _ in 0..<Self.candidatesPerAnchor {
        let width = [0.03, 0.1, 0.3][Int(random.next() % 3)]
        let thresholds = anchor.thresholds.map { threshold in
          let step = exp(width * Double(random.normal()))
          let isMoved = anchor.thresholds.count == 1 || random.next() % 2 == 0
          return isMoved
            ? min(max(threshold, space.largest / 1000) * step, space.largest) : threshold
        }
        consider(thresholds)
      }
    }
    for _ in 0..<Self.candidatesPerAnchor {
      let scale = Double(random.uniform()) * space.largest
      consider(space.layers.map { _ in Double(random.uniform()) * scale })
    }
    return found
  }

  /// The best that are allowed, or where none is the most accurate.
  private func anchors(_ outcomes: [ProbeOutcome]) -> [ProbeOutcome] {
    let allowed = outcomes.filter(space.isAllowed)
    let sorted =
      allowed.isEmpty
      ? outcomes.sorted { $0.accuracy > $1.accuracy }
      : allowed.sorted { $0.cost(space.objective) < $1.cost(space.objective) }
    return Array(sorted.prefix(Self.anchors))
  }

  // MARK: - What is learnt

  /// (layer, feature).
  private func inputs(_ thresholds: [Double]) -> [[Double]] {
    zip(space.layers, thresholds).map { $0.inputs($1, largest: space.largest) }
  }

  /// The damage, and the logarithm of the cost.
  private func response(_ outcome: ProbeOutcome) -> [Double] {
    [
      damage(space.accuracy - outcome.accuracy),
      log(max(outcome.cost(space.objective), 1e-6)),
    ]
  }

  /// A loss of accuracy on a scale that is finest about the loss allowed, where it is 1.
  private func damage(_ loss: Double) -> Double { log2(1 + max(loss, 0) / scale) }

  private var scale: Double { max(space.drop, space.resolution) }

  private func prediction(_ expected: [Double]) -> Prediction {
    Prediction(
      accuracy: space.accuracy - scale * (exp2(max(expected[0], 0)) - 1), cost: exp(expected[1]))
  }

  /// The upper half of the streams that are drawn from.
  private static let stream: UInt64 = 0x5345_4102 << 32
}
