import Foundation
import PithData
import PithGraph
import PithRuntime
import PithTensors

/// Where a training job stands between two steps.
struct TrainingPosition: Codable {
  /// Steps done, over all epochs.
  var step = 0
  /// Sums over the epoch under way.
  var loss = 0.0
  var correct = 0.0
  var epochs: [EpochResult] = []
  /// Validation accuracy of the best epoch; of a regression, the error with its sign turned.
  var bestScore: Double?
}

extension Trainer {
  /// Everything that changes from step to step, in a fixed order.
  private var states: [Value] {
    training.trained + training.slots + training.trained.compactMap { training.masks[$0] }
      + [training.step] + training.added.parameters.map(\.value) + training.added.states
  }

  /// What a checkpoint must have been made with to be continued here.
  private var job: [String] {
    var settings = settings
    settings.memory = nil
    return ["\(settings)", "\(data.train.count) samples", "\(data.preprocessing)"]
      + [addition].compactMap(\.self)
      + states.map { value in
        "\(training.graph.name(of: value)) \(training.graph.type(of: value)?.description ?? "?")"
      }
  }

  /// Writes everything that a bit-identical resume needs to `checkpoint`, where that is set. The
  /// file appears whole or not at all.
  public func saveCheckpoint() throws {
    guard let checkpoint else { return }
    try Checkpoint(
      job: job, position: position, states: states.map { try executable.state(of: $0) },
      best: bestValues
    ).write(to: checkpoint)
  }

  /// Goes on from the checkpoint, if there is one.
  public func resume() throws {
    guard let checkpoint, FileManager.default.fileExists(atPath: checkpoint.path) else { return }
    let saved = try Checkpoint(contentsOf: checkpoint)
    guard saved.job == job else {
      throw TrainingError.checkpoint(
        "\(checkpoint.path) was made with other settings, data or weights")
    }
    let types = states.map { training.graph.type(of: $0) }
    guard saved.states.map({ TensorType($0.dtype, $0.shape) }) == types,
      saved.best.isEmpty
        || saved.best.map({ TensorType($0.dtype, $0.shape) })
          == Array(types.prefix(training.trained.count)),
      (0...totalSteps).contains(saved.position.step),
      saved.position.epochs.count == saved.position.step / stepsPerEpoch
    else { throw TrainingError.checkpoint("\(checkpoint.path) is damaged") }
    for (value, tensor) in zip(states, saved.states) {
      try executable.setState(of: value, tensor)
    }
    bestValues = saved.best
    position = saved.position
  }
}
