public import PithGraph

/// E[g^2] / 2, g being the derivative of one sample's loss with respect to a gate behind the
/// channel: what closing the gate costs where the empirical Fisher information stands for the
/// curvature.
public enum ChannelFisher: ChannelCriterion {
  public static let name = "fisher"
  public static let summary =
    "half the mean squared derivative of a sample's loss with respect to a gate behind the channel"
  public static let paper =
    "Theis et al.: Faster gaze prediction with dense networks and Fisher pruning, 2018; "
    + "Liu et al.: Group Fisher pruning for practical network compression, 2021"

  public static func scores(of groups: [PruningGroup], in graph: Graph, _ context: Context) throws
    -> [[Double]]
  {
    try ChannelGateGradients(groups, in: graph).meanSquares(
      batch: 1, criterion: name, context
    ).map { $0.map { $0 / 2 } }
  }
}
