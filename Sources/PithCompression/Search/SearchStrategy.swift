/// A way to choose which thresholds are tried next.
///
/// A strategy keeps nothing between two proposals: what it proposes follows from the outcomes so
/// far, the space and the seed alone, so that a search which was stopped goes on to the same end.
/// A learned policy, too, reads its state from the outcomes.
public protocol SearchStrategy: Sendable {
  /// The recipe's word.
  static var name: String { get }
  static var summary: String { get }

  /// - Parameter probes: the most that will be tried.
  init(_ space: SearchSpace, probes: Int, seed: UInt64)

  /// What to try next, or nil where the search ends.
  func propose(after outcomes: [ProbeOutcome]) throws -> Proposal?
}

/// Every strategy, in alphabetical order of its recipe word: add a file to this folder and a line
/// here.
public let searchStrategies: [any SearchStrategy.Type] = [
  PredictorSearch.self,
  RandomSearch.self,
  SweepSearch.self,
]

/// A threshold for each layer, to be tried.
public struct Proposal: Sendable, Hashable {
  public var thresholds: [Double]
  /// What a strategy that models the outcomes expects.
  public var prediction: Prediction?

  public init(_ thresholds: [Double], prediction: Prediction? = nil) {
    self.thresholds = thresholds
    self.prediction = prediction
  }
}

/// What is expected of thresholds.
public struct Prediction: Sendable, Hashable {
  /// Share of the samples that are told right, 0...1.
  public var accuracy: Double
  /// Share of the whole network's cost that is left.
  public var cost: Double

  public init(accuracy: Double, cost: Double) {
    self.accuracy = accuracy
    self.cost = cost
  }
}

/// What was tried by a strategy, in order, and what it expected.
public struct SearchRecord: Sendable {
  public let strategy: String
  public internal(set) var outcomes: [ProbeOutcome] = []
  /// For each outcome; nil where nothing was expected.
  public internal(set) var predictions: [Prediction?] = []
}

extension SearchStrategy {
  /// Tries what is proposed, as often as there are probes.
  ///
  /// - Parameter measure: what comes of a threshold for each layer.
  public func run(probes: Int, measure: ([Double]) throws -> ProbeOutcome) throws -> SearchRecord {
    var record = SearchRecord(strategy: Self.name)
    while record.outcomes.count < probes,
      let proposal = try propose(after: record.outcomes)
    {
      record.outcomes.append(try measure(proposal.thresholds))
      record.predictions.append(proposal.prediction)
    }
    return record
  }
}
