public import PithGraph

/// The sum of the magnitudes of the weights that make a channel.
public enum ChannelL1: ChannelCriterion {
  public static let name = "l1"
  public static let summary = "the sum of the magnitudes of the weights that make the channel"
  public static let paper = "Li et al.: Pruning filters for efficient ConvNets, 2017"
  public static let isNorm = true

  public static func scores(of groups: [PruningGroup], in graph: Graph, _ context: Context) throws
    -> [[Double]]
  {
    let elements = graph.weightElements(\.magnitude)
    return groups.map { $0.sums(of: elements) }
  }
}
