/// The same threshold for all layers, in even steps up to the largest: what one does by hand.
public struct SweepSearch: SearchStrategy {
  public static let name = "sweep"
  public static let summary = "the same threshold for all layers, in even steps"
  private let space: SearchSpace
  private let probes: Int

  public init(_ space: SearchSpace, probes: Int, seed: UInt64) {
    self.space = space
    self.probes = probes
  }

  public func propose(after outcomes: [ProbeOutcome]) -> Proposal? {
    let threshold = space.largest * Double(outcomes.count + 1) / Double(max(probes, 1))
    return Proposal(space.layers.map { _ in threshold })
  }
}
