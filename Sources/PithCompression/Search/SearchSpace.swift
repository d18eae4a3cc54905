/// What a search chooses from, and what it must keep to.
public struct SearchSpace: Sendable {
  public let layers: [ThresholdedLayer]
  /// The largest threshold of any layer; the smallest is zero.
  public let largest: Double
  /// Of the network in which nothing is pruned.
  public let accuracy: Double
  /// How much of it may be lost, as a difference of shares.
  public let drop: Double
  /// The smallest difference of accuracy there is: that of one sample.
  public let resolution: Double
  public let objective: SearchObjective

  public init(
    _ layers: [ThresholdedLayer], largest: Double, accuracy: Double, drop: Double,
    resolution: Double, objective: SearchObjective
  ) {
    self.layers = layers
    self.largest = largest
    self.accuracy = accuracy
    self.drop = drop
    self.resolution = resolution
    self.objective = objective
  }

  public func isAllowed(_ outcome: ProbeOutcome) -> Bool {
    accuracy - outcome.accuracy <= drop + resolution / 1000
  }

  /// The cheapest of those that lose no more than is allowed; of equal ones the most accurate, then
  /// the first. Nil where there is none.
  public func best(of outcomes: [ProbeOutcome]) -> ProbeOutcome? {
    outcomes.filter(isAllowed).min {
      ($0.cost(objective), -$0.accuracy) < ($1.cost(objective), -$1.accuracy)
    }
  }

  /// How many weights, or channels, of each layer go.
  public func counts(_ thresholds: [Double]) -> [Int] {
    zip(layers, thresholds).map { $0.count(below: $1) }
  }
}
