public import PithGraph
public import PithKernels
public import PithTensors

/// dL/dx = dL/dy f'(x) of an elementwise function.
///
/// Inputs: dL/dy and x, or y where the derivative is computed from the function's value.
public struct ActivationGradient: Operator {
  public static let name = "ActivationGradient"
  public static let domain = "pith"
  public let function: Activation
  public let fromOutput: Bool

  public init(_ function: Activation, fromOutput: Bool) {
    self.function = function
    self.fromOutput = fromOutput
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    throw .unsupported("a gradient is made by differentiation alone")
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(1).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try activationGradientKernel(function, fromOutput: fromOutput, request)
  }
}

extension Graph {
  /// The gradient of `function` from its input.
  mutating func activationGradient(_ function: Activation, _ upstream: Value?, from input: Value)
    throws(GraphError) -> Value?
  {
    guard let upstream else { return nil }
    return try add(ActivationGradient(function, fromOutput: false), upstream, input)
  }

  /// The gradient of `function` from its output: the input need not be kept.
  mutating func activationGradient(
    _ function: Activation, _ upstream: Value?, fromOutput output: Value
  ) throws(GraphError) -> Value? {
    guard let upstream else { return nil }
    return try add(ActivationGradient(function, fromOutput: true), upstream, output)
  }
}
