public import PithGraph
public import PithTensors

/// What says how much a weight matters: the smallest scores are pruned first.
public protocol PruningCriterion: Sendable {
  /// The recipe's word.
  static var name: String { get }
  static var summary: String { get }
  /// Where it comes from.
  static var paper: String { get }
  /// Whether it looks at samples of the training data.
  static var needsData: Bool { get }
  /// Whether the weights that are kept are to be fitted again, layer by layer, to what the layer
  /// gave before.
  static var refits: Bool { get }

  /// A score of zero or more for each weight of each layer, in the weight's shape. A layer that the
  /// criterion has no rule for is left out, and stays whole.
  static func scores(of layers: [PrunableLayer], _ evidence: PruningEvidence) throws
    -> [Value: Tensor]
}

extension PruningCriterion {
  public static var needsData: Bool { false }
  public static var refits: Bool { false }
}

/// Every criterion, in alphabetical order of its recipe word: add a file to this folder and a line
/// here.
public let pruningCriteria: [any PruningCriterion.Type] = [
  ExactOptimalBrainSurgeon.self,
  Fisher.self,
  Lookahead.self,
  Magnitude.self,
  OptimalBrainDamage.self,
  OptimalBrainSurgeon.self,
  RandomScores.self,
  Taylor.self,
]

extension PruningEvidence {
  /// The weights of a layer as they are now.
  func weights(of layer: PrunableLayer) -> Tensor {
    graph.weights[layer.weight] ?? Tensor([Float]())
  }

  /// Scores made from the weights of each layer alone.
  func scores(
    of layers: [PrunableLayer], _ rule: (Int, PrunableLayer, [Float]) throws -> [Float]
  ) rethrows -> [Value: Tensor] {
    var result: [Value: Tensor] = [:]
    for (index, layer) in layers.enumerated() {
      let tensor = weights(of: layer)
      result[layer.weight] = Tensor(try rule(index, layer, tensor.floats), tensor.shape)
    }
    return result
  }
}
