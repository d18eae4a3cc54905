public import PithKernels

/// The rule by which weights follow their gradients, by its recipe word.
public enum Optimizer: String, Sendable, Hashable, CaseIterable, Codable {
  /// Stochastic gradient descent with momentum 0.9.
  case sgd
  /// The same with Nesterov's look ahead.
  case nesterov
  case adam
  /// Adam with decoupled weight decay.
  case adamw

  public var rule: UpdateRule {
    switch self {
    case .sgd: .sgd(momentum: 0.9, nesterov: false)
    case .nesterov: .sgd(momentum: 0.9, nesterov: true)
    case .adam: .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decoupled: false)
    case .adamw: .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decoupled: true)
    }
  }

  /// A learning rate that suits most networks at batch 128.
  public var defaultLearningRate: Double {
    switch self {
    case .sgd, .nesterov: 0.05
    case .adam, .adamw: 0.001
    }
  }
}
