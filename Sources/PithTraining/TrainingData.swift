public import PithData

/// Data to train on, with labels or targets.
public struct TrainingData: Sendable {
  public var train: Split
  /// Held out of the training data; what choices between epochs are made by.
  public var validation: Split?
  public var preprocessing: Preprocessing

  public init(train: Split, validation: Split?, preprocessing: Preprocessing) {
    self.train = train
    self.validation = validation
    self.preprocessing = preprocessing
  }
}
