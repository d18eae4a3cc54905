import PithData
import PithGraph
import PithRuntime
import PithTraining

/// Tries thresholds on a network: prunes by them, and measures what is left and how much of it is
/// still told right.
struct ThresholdProbe {
  let subject: any ThresholdSubject
  /// Of the network in which nothing is pruned.
  let accuracy: Double
  private let graph: Graph
  private let whole: (parameters: Int, macs: Int)
  private let split: Split
  private let preprocessing: Preprocessing
  private let context: Context
  private let training: FineTuning
  private let measuresTime: Bool

  /// - Parameters:
  ///   - split: what accuracy is measured on.
  ///   - training: for `epochs` of which a pruned network is trained before it is measured.
  init(
    _ subject: any ThresholdSubject, of graph: Graph, _ split: Split, _ context: Context,
    preprocessing: Preprocessing, training: FineTuning, measuresTime: Bool
  ) throws {
    self.subject = subject
    self.graph = graph
    self.split = split
    self.preprocessing = preprocessing
    self.training = training
    self.measuresTime = measuresTime
    self.context = Context(
      data: context.data, augmentation: context.augmentation, teacher: context.teacher,
      seed: context.seed)
    whole = try graph.costWithoutZeros()
    accuracy = try Evaluator(graph, split, preprocessing: preprocessing).run().top1
  }

  /// The smallest difference of accuracy.
  var resolution: Double { 1 / Double(max(split.count, 1)) }

  func callAsFunction(_ thresholds: [Double]) throws -> ProbeOutcome {
    if Interruption.isRequested { throw TrainingError.interrupted }
    var network = try subject.pruned(thresholds, isChecked: false)
    let cost = try network.costWithoutZeros()
    let times = measuresTime ? milliseconds(network) : (nil, nil)
    if let trainer = try training.trainer(
      network, context, method: ThresholdSearch.name, extraMasks: subject.masks(thresholds))
    {
      network = try trainer.run()
    }
    let evaluation = try Evaluator(network, split, preprocessing: preprocessing).run()
    return ProbeOutcome(
      thresholds: thresholds, accuracy: evaluation.top1,
      parameters: Double(cost.parameters) / Double(max(whole.parameters, 1)),
      macs: Double(cost.macs) / Double(max(whole.macs, 1)),
      time: times.0.flatMap { before in times.1.map { $0 / before } })
  }

  /// The time of the whole network and of a smaller one at batch 1, each layer computed in the
  /// faster way.
  func milliseconds(_ smaller: Graph) -> (Double?, Double?) {
    let times = LatencyComparison([graph, smaller], MachineTimer(sparse: .auto)).milliseconds
    return (times[0], times[1])
  }
}
