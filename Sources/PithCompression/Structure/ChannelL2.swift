public import PithGraph

/// The Euclidean norm of the weights that make a channel.
public enum ChannelL2: ChannelCriterion {
  public static let name = "l2"
  public static let summary = "the Euclidean norm of the weights that make the channel"
  public static let paper = "Li et al.: Pruning filters for efficient ConvNets, 2017"
  public static let isNorm = true

  public static func scores(of groups: [PruningGroup], in graph: Graph, _ context: Context) throws
    -> [[Double]]
  {
    let elements = graph.weightElements { $0 * $0 }
    return groups.map { $0.sums(of: elements).map { $0.squareRoot() } }
  }
}
