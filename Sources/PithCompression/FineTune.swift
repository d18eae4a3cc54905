public import PithGraph

/// Trains a network on, keeping its compressed form.
public struct FineTune: CompressionMethod {
  public static let name = "fine-tune"
  public static let summary = "trains on, keeping what is pruned at zero and what is shared shared"
  public static let paper = "Han, Pool, Tran, Dally: Learning both weights and connections, 2015"
  public static let settings = FineTuning.settings(epochs: 2, learningRate: 0.01)
  private let training: FineTuning

  public init(_ values: SettingValues) throws(SettingError) {
    training = try FineTuning(values)
  }

  /// The training that another method's settings ask for, without its compression: what a control
  /// does in its stead. Nil where the method does not train.
  public init?(matching values: SettingValues) throws(SettingError) {
    guard case .wholeNumber(let epochs)? = values["epochs"], epochs > 0 else { return nil }
    let own = FineTuning.scheduleName
    var training = try FineTuning(values, scheduleName: values[own] == nil ? "schedule" : own)
    training.epochs += values.furtherEpochs?.count ?? 0
    self.training = training
  }

  public func apply(to graph: Graph, _ context: Context) throws -> Outcome {
    let (graph, epochs) = try training.run(graph, context, method: Self.name)
    return Outcome(graph, epochs: epochs)
  }
}

extension SettingValues {
  /// The setting that asks for passes over the training data beside `epochs`, and how many.
  public var furtherEpochs: (name: String, count: Int)? {
    if case .wholeNumber(let count)? = self["fine-tune-epochs"] {
      return ("fine-tune-epochs", count)
    }
    let count = ChannelPruning.penaltyEpochs(self)
    return count > 0 ? ("penalty-epochs", count) : nil
  }
}
