package import PithGraph

/// What tells how long networks take: the machine's clock, or a made-up one.
package protocol LatencyTimer {
  /// The milliseconds of a run of each network, for each of some rounds in which the networks took
  /// turns; none for a network that cannot be run.
  func rounds(of networks: [Graph], batch: Int) -> [[Double]]

  /// The milliseconds of each network and of its steps, the networks taking turns.
  ///
  /// Fails where a network cannot be run.
  func profiles(of networks: [Graph], batch: Int) throws -> [LatencyProfile]
}

/// How long a network and its steps take.
package struct LatencyProfile: Codable, Sendable, Hashable {
  /// Milliseconds of a run.
  package var whole: Double
  /// Milliseconds by the name of the node that a step computes. What is computed together with a
  /// layer stands under the layer's name, and steps of one name are added up.
  package var steps: [String: Double]

  package init(whole: Double, steps: [String: Double]) {
    self.whole = whole
    self.steps = steps
  }
}

/// Networks timed in turns.
package struct LatencyComparison {
  /// The median milliseconds of each network; nil for one that cannot be run.
  package let milliseconds: [Double?]
  private let rounds: [[Double]]
  private let timer: any LatencyTimer

  /// Networks that take longer, in milliseconds, are not measured for advice alone.
  static let quick = 20.0
  /// The batch of throughput that is told beside batch 1.
  private static let largeBatch = 32

  package init(_ networks: [Graph], batch: Int = 1, _ timer: any LatencyTimer) {
    self.timer = timer
    rounds = timer.rounds(of: networks, batch: batch)
    milliseconds = rounds.map(\.median)
  }

  /// The time of a network as a share of the first one's: the median of the rounds, in each of
  /// which both met the same machine.
  package func share(of network: Int) -> Double? {
    guard let whole = rounds.first, whole.count == rounds[network].count else { return nil }
    return zip(rounds[network], whole).map { $0 / max($1, 1e-9) }.median
  }

  /// What a user is told of a network made smaller, with its throughput where that takes little.
  func note(on whole: Graph, _ smaller: Graph, before: Double, after: Double) -> String {
    var note =
      "latency before training \(PithCompression.milliseconds(before)) → \(PithCompression.milliseconds(after)) at batch 1"
    guard before <= Self.quick else { return note }
    let large = Self([whole, smaller], batch: Self.largeBatch, timer).milliseconds
    if let before = large[0], let after = large[1] {
      note +=
        ", \(PithCompression.milliseconds(before)) → \(PithCompression.milliseconds(after)) at batch \(Self.largeBatch)"
    }
    return note
  }
}

extension [Double] {
  /// Nil for no numbers.
  var median: Double? {
    guard !isEmpty else { return nil }
    let sorted = sorted()
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
  }
}
