public import PithKernels

/// What the labels or targets ask of a network, by its recipe word.
public enum LabelLoss: String, Sendable, Hashable, CaseIterable, Codable {
  case crossEntropy = "cross-entropy"
  /// The mean of squared differences: to the targets of a regression, or to one-hot labels.
  case meanSquaredError = "mse"

  /// - Parameter smoothing: the labels' weight that is spread over all classes, 0...1.
  public func loss(smoothing: Float = 0) -> Loss {
    switch self {
    case .crossEntropy: .crossEntropy(smoothing: smoothing)
    case .meanSquaredError: .meanSquaredError
    }
  }
}

/// What a teacher's logits ask of a network, by its recipe word.
public enum TeacherLoss: String, Sendable, Hashable, CaseIterable, Codable {
  /// Kullback and Leibler's divergence of softened answers (Hinton, Vinyals, Dean 2015).
  case divergence = "kl"
  /// The mean of squared differences of logits (Ba and Caruana 2014).
  case logits

  /// - Parameters:
  ///   - temperature: what logits are divided by before `kl` compares them.
  ///   - labels: the share of the labels' cross-entropy in the loss, 0...1.
  public func loss(temperature: Float, labels: Float) -> Loss {
    switch self {
    case .divergence: .distillation(temperature: temperature, labels: labels)
    case .logits: .logits(labels: labels)
    }
  }
}
