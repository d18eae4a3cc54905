/// Why a network cannot be trained or evaluated.
public enum TrainingError: Error, CustomStringConvertible {
  case noParameters
  case inputs(Int)
  case outputs(Int)
  case outputShape(String)
  case inputShape(network: String, data: String)
  case noLabels
  case noTargets
  /// The data have targets, and the loss asks for classes.
  case regression
  case targetShape(network: String, data: String)
  case classes(network: Int, data: Int)
  case teacher(String, classes: Int)
  /// The loss is no longer a number; usually the learning rate is too high.
  case diverged(epoch: Int, step: Int)
  case checkpoint(String)
  /// A weight that is not trained, or a mask that does not fit.
  case weight(String, reason: String)
  case setting(String, reason: String)
  /// A dropout whose ratio is not a known number from 0 to 1.
  case dropout(String)
  /// More bytes than allowed, whatever is computed twice.
  case memory(least: Int, limit: Int)
  /// The last layer cannot be replaced.
  case lastLayer(String)
  /// An interrupt was asked for; the checkpoint holds all that was done.
  case interrupted

  public var description: String {
    switch self {
    case .noParameters: "the network has no weights that could be trained"
    case .inputs(let count):
      "the network has \(count) inputs; training and evaluation feed samples to exactly one"
    case .outputs(let count): "the network has \(count) outputs; a classifier has one"
    case .outputShape(let shape):
      "the network gives \(shape); a classifier gives one row of scores per image"
    case .inputShape(let network, let data):
      "the network takes \(network) but the data are \(data); "
        + "set the size or layout with --preprocess"
    case .noLabels: "the data have no labels"
    case .noTargets: "the data have no targets"
    case .regression:
      "the data have floats as targets, which only the loss mse (--loss mse) can learn; labels are "
        + "whole numbers"
    case .targetShape(let network, let data):
      "the network gives \(network) but the targets are \(data)"
    case .classes(let network, let data):
      "the network tells \(network) classes apart but the data have \(data); "
        + "train with --classes \(data)"
    case .teacher(let output, let classes):
      "the teacher gives \(output), the network tells \(classes) classes apart"
    case .diverged(let epoch, let step):
      "the loss is not a number in epoch \(epoch + 1), step \(step + 1): lower the learning rate"
    case .checkpoint(let why): "the checkpoint cannot be used: \(why)"
    case .weight(let name, let reason): "weight '\(name)': \(reason)"
    case .setting(let name, let reason): "\(name): \(reason)"
    case .dropout(let name):
      "node '\(name)' (Dropout): its ratio is not a constant from 0 to 1; train without dropout"
    case .memory(let least, let limit):
      "a training step takes \(least / 1_000_000 + 1) MB at the least, \(limit / 1_000_000) MB are "
        + "allowed: allow more (--memory) or train with a smaller batch"
    case .lastLayer(let why): "the number of classes cannot be changed: \(why)"
    case .interrupted: "interrupted"
    }
  }
}
