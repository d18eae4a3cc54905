public import PithGraph
import PithOperators

/// The filters of the first convolution alone, by the sum of the magnitudes of their weights; with
/// them go the channels that can only be removed together, as of a residual stream.
public enum ChannelFirstLayerL1: ChannelCriterion {
  public static let name = "first-layer-l1"
  public static let summary =
    "as l1, and only channels that the first convolution makes are removed"
  public static let paper = "Li et al.: Pruning filters for efficient ConvNets, 2017"
  public static let isNorm = true
  public static let usualBudget = ChannelSelection.Budget.channels

  public static func applies(to group: PruningGroup, in graph: Graph) -> Bool {
    let first = graph.prunableLayers().first { layer in
      layer.users.contains { graph.node($0)?.operator is Conv }
    }
    return group.constants.contains { !$0.isReading && $0.axis.value == first?.weight }
  }

  public static func scores(of groups: [PruningGroup], in graph: Graph, _ context: Context) throws
    -> [[Double]]
  {
    try ChannelL1.scores(of: groups, in: graph, context)
  }
}
