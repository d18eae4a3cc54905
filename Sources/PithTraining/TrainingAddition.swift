public import PithGraph
public import PithKernels

/// What a method adds to a training step: parameters of its own, and a term of the loss.
///
/// Its description tells apart jobs that must not continue each other's checkpoints.
public protocol TrainingAddition: Sendable, CustomStringConvertible {
  /// Adds nodes to the forward pass.
  ///
  /// - Parameters:
  ///   - graph: the network at the batch of the training, normalizing by the batch; nodes and
  ///     values have the identity that they have in the network. What is added stands in front of
  ///     what uses it.
  ///   - step: the number of the step (int32 scalar), from 1.
  func add(to graph: inout Graph, step: Value) throws -> AddedTerms
}

/// What was added to a training step.
public struct AddedTerms: Sendable {
  /// Weights that are trained beside those of the network, without weight decay: `rate` times the
  /// learning rate.
  public var parameters: [(value: Value, rate: Float)]
  /// The rule by which they follow their gradients; nil for that of the weights.
  public var rule: UpdateRule?
  /// Weights that are kept from step to step: updated by nodes, or set between steps.
  public var states: [Value]
  /// A scalar that is added to the loss, though not to the loss that is told.
  public var loss: Value?

  public init(
    parameters: [(value: Value, rate: Float)] = [], rule: UpdateRule? = nil,
    states: [Value] = [], loss: Value? = nil
  ) {
    self.parameters = parameters
    self.rule = rule
    self.states = states
    self.loss = loss
  }
}
