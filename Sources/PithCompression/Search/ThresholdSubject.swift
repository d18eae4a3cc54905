import PithGraph
import PithTensors

/// A network of which thresholds prune something.
protocol ThresholdSubject: Sendable {
  /// What thresholds are given for, in the order of use.
  var layers: [ThresholdedLayer] { get }

  /// The network under a threshold for each layer.
  ///
  /// - Parameter isChecked: whether the result is compared with what it must compute.
  func pruned(_ thresholds: [Double], isChecked: Bool) throws -> Graph

  /// Masks that keep at zero, in training, what thresholds pruned.
  func masks(_ thresholds: [Double]) -> [Value: Tensor]
}

/// Which layers thresholds are chosen for.
enum LayerChoice: Sendable, Hashable {
  case first
  case all
  case named([NamePattern])

  init(_ words: [String]) {
    switch words {
    case ["first"]: self = .first
    case ["all"]: self = .all
    default: self = .named(words.map(NamePattern.init))
    }
  }

  /// The layers chosen.
  func chosen<Layer>(of layers: [Layer], _ matches: (Layer, NamePattern) -> Bool) -> [Layer] {
    switch self {
    case .first: Array(layers.prefix(1))
    case .all: layers
    case .named(let patterns):
      layers.filter { layer in patterns.contains { matches(layer, $0) } }
    }
  }
}
