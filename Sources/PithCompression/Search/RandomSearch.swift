import PithTensors

/// Thresholds drawn evenly, each layer's for itself (Bergstra and Bengio: Random search for
/// hyper-parameter optimization, 2012).
public struct RandomSearch: SearchStrategy {
  public static let name = "random"
  public static let summary = "thresholds drawn evenly, each layer's for itself"
  private let space: SearchSpace
  private let seed: UInt64

  public init(_ space: SearchSpace, probes: Int, seed: UInt64) {
    self.space = space
    self.seed = seed
  }

  public func propose(after outcomes: [ProbeOutcome]) -> Proposal? {
    var random = Philox(seed: seed, stream: Self.stream | UInt64(outcomes.count))
    return Proposal(space.layers.map { _ in Double(random.uniform()) * space.largest })
  }

  /// The upper half of the streams that are drawn from.
  private static let stream: UInt64 = 0x5345_4101 << 32
}
