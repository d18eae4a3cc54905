public import PithGraph
public import PithRuntime
import PithTensors

extension Graph {
  /// The network's training step, compiled without data: to measure it, and to see its plan.
  ///
  /// Its inputs are the samples, the labels (N) int32, and the learning rate; its outputs the loss
  /// and the number of right answers. A weight's state is read by the network's own value, the
  /// slots of its optimizer by the names "weight.slot0", "weight.slot1".
  ///
  /// - Parameter isFused: whether neighbouring operators are computed together, as they are in
  ///   training.
  public func trainingStep(_ settings: TrainingSettings, isFused: Bool = true) throws -> Executable
  {
    try settings.check()
    let network = try forInference()
    let training = try TrainingGraph(
      network, settings, frozen: [], masked: [:], rules: isFused ? trainingRules : [])
    guard !isFused else { return try training.compiled(limit: settings.memory, other: 0).0 }
    return try Executable(compiling: training.graph.optimized(rules: []))
  }
}
