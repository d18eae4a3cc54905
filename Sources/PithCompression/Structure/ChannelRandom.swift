public import PithGraph
import PithTensors

/// Chance: what every other criterion must beat.
public enum ChannelRandom: ChannelCriterion {
  public static let name = "random"
  public static let summary = "chance, which every other criterion must beat"
  public static let paper = "the control"

  public static func scores(of groups: [PruningGroup], in graph: Graph, _ context: Context) throws
    -> [[Double]]
  {
    var random = Philox(seed: context.seed, stream: 9)
    return groups.map { group in (0..<group.count).map { _ in Double(random.uniform()) } }
  }
}
