/// What says how much a weight matters: the smallest scores are pruned first.
public protocol PruningCriterion: Sendable {
  /// The recipe's word.
  static var name: String { get }
  static var summary: String { get }
  static func scores(_ weights: [Float]) -> [Float]
}

/// Every criterion, in alphabetical order: add a file to this folder and a line here.
public let pruningCriteria: [any PruningCriterion.Type] = [
  Magnitude.self
]
