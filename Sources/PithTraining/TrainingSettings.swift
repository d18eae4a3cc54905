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
  /// Whether the result is the epoch that did best on the validation data instead of the last.
  public var keepsBest: Bool
  /// Whether the network's dropout is active in training; otherwise it is left out.
  public var usesDropout: Bool
  /// Bytes that a step may take: where it would take more, activations are computed twice in place
  /// of being kept. Nil for as many as it likes. Results are the same bits.
  public var memory: Int?

  public init(
    epochs: Int = 10, batch: Int = 128, optimizer: Optimizer = .sgd, learningRate: Double? = nil,
    schedule: Schedule = .cosine, warmup: Double = 0, weightDecay: Double = 1e-4,
    loss: Loss = .crossEntropy(), augmentation: Augmentation = .none, seed: UInt64 = 1,
    statisticsMomentum: Float = 0.9, freezesStatistics: Bool = false, keepsBest: Bool = false,
    usesDropout: Bool = true, memory: Int? = nil
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
    self.keepsBest = keepsBest
    self.usesDropout = usesDropout
    self.memory = memory
  }

  /// Throws when a value is outside its range.
  public func check() throws(TrainingError) {
    func require(_ holds: Bool, _ name: String, _ reason: String) throws(TrainingError) {
      if !holds { throw .setting(name, reason: reason) }
    }
    try require((0...1_000_000).contains(epochs), "epochs", "must be 0 to 1000000")
    try require(batch > 0, "batch", "must be 1 or more")
    try require(learningRate.isFinite && learningRate >= 0, "learning-rate", "must be 0 or more")
    try require((0...1e6).contains(warmup), "warmup", "must be 0 or more")
    try require(weightDecay.isFinite && weightDecay >= 0, "weight-decay", "must be 0 or more")
    try require((0...1).contains(statisticsMomentum), "momentum of statistics", "must be 0 to 1")
    try require(memory ?? 1 > 0, "memory", "must be 1 byte or more")
    switch loss {
    case .crossEntropy(let smoothing):
      try require((0...1).contains(smoothing), "label smoothing", "must be 0 to 1")
    case .meanSquaredError: break
    case .distillation(let temperature, let labels):
      try require(temperature.isFinite && temperature > 0, "temperature", "must be above 0")
      try require((0...1).contains(labels), "weight of the labels", "must be 0 to 1")
    case .logits(let labels):
      try require((0...1).contains(labels), "weight of the labels", "must be 0 to 1")
    }
  }
}
