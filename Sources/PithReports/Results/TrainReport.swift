/// What `pith train` measures; accuracies are fractions in 0...1.
public struct TrainReport: Report {
  public var epochs: [Epoch]
  /// Images trained on in a second: training steps only, waiting for the loader included.
  public var imagesPerSecond: Double?
  /// Accuracy on the test split, read once at the end.
  public var top1: Double?
  public var top5: Double?
  /// Path of the model that was written.
  public var model: String
  public var loss: Double?
  /// Of a regression, on the test split.
  public var meanSquaredError: Double?
  /// Bytes that a training step took: intermediate values, weights, the optimizer's memory.
  public var memoryBytes: Int?
  /// Share of the forward pass that was computed twice to save memory, 0...1.
  public var repeated: Double?
  public var seed: UInt64?
  public var data: String?
  public var seconds: Double?
  public var warnings: [String]

  public init(
    epochs: [Epoch], imagesPerSecond: Double?, top1: Double?, top5: Double?, model: String,
    loss: Double? = nil, seed: UInt64? = nil, data: String? = nil, seconds: Double? = nil,
    warnings: [String] = []
  ) {
    self.epochs = epochs
    self.imagesPerSecond = imagesPerSecond
    self.top1 = top1
    self.top5 = top5
    self.model = model
    self.loss = loss
    self.seed = seed
    self.data = data
    self.seconds = seconds
    self.warnings = warnings
  }

  /// One pass over the training data.
  public struct Epoch: Codable, Sendable, Hashable {
    /// Counted from 1.
    public var epoch: Int
    /// Mean training loss; nil where it was not finite.
    public var loss: Double?
    /// Accuracy on the part of the training data that is held out; nil for a regression.
    public var validationTop1: Double?
    /// Mean loss on that part: cross-entropy, or a regression's mean squared error.
    public var validationLoss: Double?
    public var learningRate: Double
    public var seconds: Double

    public init(
      epoch: Int, loss: Double?, validationTop1: Double?, validationLoss: Double? = nil,
      learningRate: Double, seconds: Double
    ) {
      self.epoch = epoch
      self.loss = loss
      self.validationTop1 = validationTop1
      self.validationLoss = validationLoss
      self.learningRate = learningRate
      self.seconds = seconds
    }
  }
}
