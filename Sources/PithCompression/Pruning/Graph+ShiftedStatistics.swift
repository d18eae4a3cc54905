import PithData
import PithGraph
import PithOperators
import PithTensors
import PithTraining

extension Graph {
  /// The network with the statistics of its normalisations moved as far as its changed weights move
  /// those that are measured: means by the difference to what `before` gives on the same samples,
  /// variances by the quotient. A network that does not normalise by what its data give keeps its
  /// own way of doing so.
  func shiftingStatistics(
    from before: Graph, _ data: TrainingData, samples: Int, seed: UInt64
  ) throws -> Graph {
    let batch = max(1, min(128, data.train.count))
    func measured(_ graph: Graph) throws -> Graph {
      try graph.refreshingStatistics(
        on: data.train, preprocessing: data.preprocessing, batch: batch,
        batches: max(1, samples / batch), seed: seed)
    }
    guard nodes.contains(where: { $0.operator is BatchNormalization }) else { return self }
    let (old, new) = (try measured(before), try measured(self))
    var result = self
    for node in nodes where node.operator is BatchNormalization {
      for (slot, isVariance) in [(3, false), (4, true)] {
        guard let value = node.inputs[slot], let own = before.weights[value],
          let from = old.weights[value]?.floats, let to = new.weights[value]?.floats
        else { continue }
        let moved = own.floats.enumerated().map { index, number in
          isVariance
            ? (from[index] > 0 ? number * to[index] / from[index] : number)
            : number + to[index] - from[index]
        }
        result.setWeight(value, Tensor(moved, own.shape))
      }
    }
    return result
  }
}
