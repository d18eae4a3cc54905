public import PithGraph
import PithOperators
public import PithTensors
public import PithTraining

/// What says how much a channel matters: those of the smallest scores are removed first.
public protocol ChannelCriterion: Sendable {
  /// The recipe's word.
  static var name: String { get }
  static var summary: String { get }
  /// Where it comes from.
  static var paper: String { get }

  /// A score of zero or more for each channel of each group. Scores are compared between groups
  /// after each group's are divided by their mean.
  static func scores(of groups: [PruningGroup], in graph: Graph, _ context: Context) throws
    -> [[Double]]

  /// What a user should know of how some groups are scored.
  static func notes(on groups: [PruningGroup], in graph: Graph) -> [String]

  /// Whether scores are norms of filters, which a report then shows.
  static var isNorm: Bool { get }
  /// Whether channels of a group may go.
  static func applies(to group: PruningGroup, in graph: Graph) -> Bool
  /// What the share to keep counts where a recipe does not say.
  static var usualBudget: ChannelSelection.Budget { get }
  /// Whether the layers that read removed channels are fitted again, where a recipe does not say.
  static var refits: Bool { get }
  /// How strong the penalty is where a recipe does not say; nil for a criterion without one.
  static var penaltyStrength: Double? { get }
  /// A term of the loss for some training before channels are chosen.
  ///
  /// - Parameter removed: what would be removed without that training.
  static func penalty(
    _ strength: Double, on removed: ChannelRemoval, of groups: PruningGroups, in graph: Graph
  ) -> (any TrainingAddition)?
}

extension ChannelCriterion {
  public static func notes(on groups: [PruningGroup], in graph: Graph) -> [String] { [] }
  public static var isNorm: Bool { false }
  public static func applies(to group: PruningGroup, in graph: Graph) -> Bool { true }
  public static var usualBudget: ChannelSelection.Budget { .macs }
  public static var refits: Bool { false }
  public static var penaltyStrength: Double? { nil }

  public static func penalty(
    _ strength: Double, on removed: ChannelRemoval, of groups: PruningGroups, in graph: Graph
  ) -> (any TrainingAddition)? { nil }
}

/// Every criterion, in alphabetical order of its recipe word: add a file to this folder and a line
/// here.
public let channelCriteria: [any ChannelCriterion.Type] = [
  ChannelFirstLayerL1.self,
  ChannelFisher.self,
  ChannelGrowingPenalty.self,
  ChannelL1.self,
  ChannelL2.self,
  ChannelLasso.self,
  ChannelRandom.self,
  ChannelSlimming.self,
  ChannelTaylor.self,
]

extension PruningGroup {
  /// For each channel the sum of a number per element of some weights, over the elements that go
  /// with it.
  ///
  /// - Parameters:
  ///   - elements: a number for each element of each weight that counts, in the weight's shape.
  ///   - reading: whether weights that read the channels count too, beside those that make them.
  ///     These count anyway where nothing else makes a score.
  public func sums(of elements: [Value: Tensor], reading: Bool = false) -> [Double] {
    var counted = constants.filter { elements[$0.axis.value] != nil }
    if !reading, counted.contains(where: { !$0.isReading }) {
      counted.removeAll(where: \.isReading)
    }
    var sums = [Double](repeating: 0, count: count)
    for member in counted {
      guard let tensor = elements[member.axis.value] else { continue }
      let lines = tensor.sums(along: member.axis.axis)
      for channel in 0..<count {
        for place in member.places[channel] { sums[channel] += lines[place] }
      }
    }
    return sums
  }
}

extension Graph {
  /// A number for each weight that multiplies data, made from its value.
  func weightElements(_ number: (Float) -> Float) -> [Value: Tensor] {
    var result: [Value: Tensor] = [:]
    for parameter in parameters() where parameter.role == .weight {
      // Whatever the form of a weight, what is removed is a part of the constant itself.
      guard let tensor = weights[parameter.root] else { continue }
      result[parameter.root] = Tensor(tensor.floats.map(number), tensor.shape)
    }
    return result
  }
}

extension Tensor {
  /// For each place of an axis the sum of all elements there.
  fileprivate func sums(along axis: Int) -> [Double] {
    let (extent, inner) = (shape[axis], shape.strides[axis])
    var sums = [Double](repeating: 0, count: extent)
    for (index, element) in floats.enumerated() {
      sums[index / inner % extent] += Double(element)
    }
    return sums
  }
}
