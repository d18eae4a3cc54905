/// Where training stands, told after every step.
public struct TrainingProgress: Sendable {
  public var epoch: Int
  public var epochs: Int
  /// Steps done in this epoch.
  public var step: Int
  public var stepsPerEpoch: Int
  /// Means over this epoch so far.
  public var loss: Double
  /// Nil for a regression.
  public var accuracy: Double?
  public var learningRate: Double
  /// Training steps only, loader included.
  public var imagesPerSecond: Double
  /// Until the last step, without validation.
  public var secondsLeft: Double
}

/// What one epoch came to.
public struct EpochResult: Sendable, Hashable, Codable {
  public var epoch: Int
  public var loss: Double
  /// Nil for a regression.
  public var accuracy: Double?
  /// Measured with the weights at the end of the epoch; without the confusion matrix.
  public var validation: Evaluation?
  /// The same of a regression.
  public var regression: RegressionEvaluation?
  public var learningRate: Double
  public var seconds: Double
}
