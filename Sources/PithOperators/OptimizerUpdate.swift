public import PithGraph
public import PithKernels
public import PithTensors

/// One step of an optimizer for one weight, in place; see `UpdateRule` for the formulas.
///
/// Inputs: weight, gradient, learning rate, step number (int32, from 1), mask (may be absent), slots.
/// Outputs: weight, slots. Where the mask is zero, weight, gradient and slots are zero.
public struct OptimizerUpdate: Operator {
  public static let name = "OptimizerUpdate"
  public static let domain = "pith"
  public let rule: UpdateRule
  /// Factor of the L2 penalty on this weight.
  public let decay: Float

  public init(_ rule: UpdateRule, decay: Float) {
    self.rule = rule
    self.decay = decay
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    throw .unsupported("an update is made by training alone")
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (weight, gradient) = (try inputs.required(0), try inputs.required(1))
    let step = try inputs.required(3)
    guard step.dtype == .int32 else { throw .type(input: 3, step.dtype) }
    guard weight.dimensions == gradient.dimensions else {
      throw .mismatch(
        "the gradient is \(text(gradient.dimensions)), the weight \(text(weight.dimensions))")
    }
    return [Fact](repeating: Fact(weight.type), count: 1 + rule.slotCount)
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try updateKernel(rule, decay: decay, request)
  }
}
