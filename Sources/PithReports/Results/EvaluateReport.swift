/// What `pith evaluate` measures; accuracies are fractions in 0...1.
public struct EvaluateReport: Report {
  public var samples: Int
  /// Nil for a regression.
  public var top1: Double?
  /// Nil where there are fewer than five classes.
  public var top5: Double?
  /// Mean cross-entropy in nats; of a regression, the mean squared error.
  public var loss: Double?
  /// The mean over samples and outputs of the squared difference; nil where the data have classes.
  public var meanSquaredError: Double?
  public var seconds: Double
  public var model: String?
  public var data: String?
  public var classNames: [String]?
  /// Counts by true class (row) and predicted class (column).
  public var confusion: [[Int]]?
  public var warnings: [String]

  public init(
    samples: Int, top1: Double?, top5: Double?, loss: Double?, seconds: Double,
    meanSquaredError: Double? = nil, model: String? = nil, data: String? = nil,
    classNames: [String]? = nil,
    confusion: [[Int]]? = nil, warnings: [String] = []
  ) {
    self.samples = samples
    self.top1 = top1
    self.top5 = top5
    self.loss = loss
    self.meanSquaredError = meanSquaredError
    self.seconds = seconds
    self.model = model
    self.data = data
    self.classNames = classNames
    self.confusion = confusion
    self.warnings = warnings
  }
}
