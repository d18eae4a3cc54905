public import PithData
public import PithKernels

/// Everything that decides how a network is trained, apart from the network and the data.
public struct TrainingSettings: Sendable, Hashable {
  public var epochs: Int
  public var batch: Int
  public var optimizer: Optimizer
  public var learningRate: Double
  public var schedule: Schedule
  /// Epochs over which the learning rate rises at the start.
  public var warmup: Double
  /// L2 penalty on weights; biases and normalisation have none.
  public var weightDecay: Double
  public var loss: Loss
  public var augmentation: Augmentation
  public var seed: UInt64
  /// Share of a running statistic that each step keeps.
  public var statisticsMomentum: Float
  /// Whether normalisation keeps the statistics it came with.
  public var freezesStatistics: Bool

  public init(
    epochs: Int = 10, batch: Int = 128, optimizer: Optimizer = .sgd, learningRate: Double? = nil,
    schedule: Schedule = .cosine, warmup: Double = 0, weightDecay: Double = 1e-4,
    loss: Loss = .crossEntropy(), augmentation: Augmentation = .none, seed: UInt64 = 1,
    statisticsMomentum: Float = 0.9, freezesStatistics: Bool = false
  ) {
    self.epochs = epochs
    self.batch = batch
    self.optimizer = optimizer
    self.learningRate = learningRate ?? optimizer.defaultLearningRate
    self.schedule = schedule
    self.warmup = warmup
    self.weightDecay = weightDecay
    self.loss = loss
    self.augmentation = augmentation
    self.seed = seed
    self.statisticsMomentum = statisticsMomentum
    self.freezesStatistics = freezesStatistics
  }
}
