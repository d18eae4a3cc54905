import Foundation
import PithGraph
import PithTensors
import PithTraining

extension ChannelPruning {
  /// Passes over the training data that settings ask for before channels are chosen.
  static func penaltyEpochs(_ values: SettingValues) -> Int {
    guard case .word(let word)? = values["criterion"],
      channelCriteria.first(where: { $0.name == word })?.penaltyStrength != nil
    else { return 0 }
    for name in ["penalty-epochs", "epochs"] {
      if case .wholeNumber(let epochs)? = values[name] { return epochs }
    }
    return 0
  }

  /// The network trained with the criterion's penalty, where it has one.
  func penalized(
    _ graph: Graph, _ groups: PruningGroups, _ latency: BudgetModel?, _ context: Context
  ) throws -> (Graph, [EpochResult]) {
    guard penaltyEpochs > 0, let usual = criterion.penaltyStrength else { return (graph, []) }
    let scores = try criterion.scores(of: groups.groups, in: graph, context)
    var selection = selection(groups, scores, in: graph)
    selection.latency = latency
    let removal = selection.removal(selection.channels(keeping: kept, of: budget))
    guard
      let addition = criterion.penalty(penalty ?? usual, on: removal, of: groups, in: graph)
    else { return (graph, []) }
    var (training, context) = (training, context)
    training.epochs = penaltyEpochs
    context.checkpoint = context.checkpoint?.appendingPathExtension("penalty")
    guard
      let trainer = try training.trainer(
        graph, context, method: Self.name, addition: addition)
    else { return (graph, []) }
    return (try trainer.run(), trainer.epochs)
  }
}

extension [EpochResult] {
  /// The same as those of a training that had some epochs before.
  func later(by count: Int) -> [EpochResult] {
    map { result in
      var result = result
      result.epoch += count
      return result
    }
  }
}
