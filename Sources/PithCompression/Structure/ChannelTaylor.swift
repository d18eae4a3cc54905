public import PithGraph

/// (gamma dL/dgamma + beta dL/dbeta)^2, the mean over minibatches: the square of what the loss
/// changes to first order when a gate behind the normalisation closes.
public enum ChannelTaylor: ChannelCriterion {
  public static let name = "taylor"
  public static let summary =
    "the squared change of the loss, to first order, when a gate behind the channel closes"
  public static let paper =
    "Molchanov et al.: Importance estimation for neural network pruning, 2019"

  public static func scores(of groups: [PruningGroup], in graph: Graph, _ context: Context) throws
    -> [[Double]]
  {
    try ChannelGateGradients(groups, in: graph).meanSquares(
      batch: 32, criterion: name, context)
  }
}
