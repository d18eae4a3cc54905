import CDNNL
public import PithTensors

/// What an integer kernel does, in float, to its sum of products, after the sum was multiplied by
/// the scale of its channel and the bias was added; in this order, before the result is rounded,
/// held to the range of its type and stored.
public enum IntegerStep: Sendable, Hashable {
  case clip(low: Float, high: Float)
  /// To the nearest whole number, ties to even.
  case round
  case linear(scale: Float, shift: Float)
  case activation(Activation)
  /// Adds `scale` times what lies in the output buffer, whose elements are of type `dtype`.
  case sum(scale: Float, dtype: DType)
}

extension [IntegerStep] {
  /// The type of the operand that is added, where one is.
  public var summand: DType? {
    for case .sum(_, let dtype) in self { return dtype }
    return nil
  }

  func apply(to attributes: dnnl_primitive_attr_t?) throws(KernelError) {
    guard !isEmpty else { return }
    var operations: dnnl_post_ops_t?
    try check(dnnl_post_ops_create(&operations), "post-operations")
    defer { dnnl_post_ops_destroy(operations) }
    for step in self {
      try check(try step.append(to: operations), "post-operations")
    }
    try check(dnnl_primitive_attr_set_post_ops(attributes, operations), "post-operations")
  }
}

extension IntegerStep {
  fileprivate func append(to operations: dnnl_post_ops_t?) throws(KernelError) -> dnnl_status_t {
    switch self {
    case .clip(let low, let high):
      return dnnl_post_ops_append_eltwise(operations, dnnl_eltwise_clip, low, high)
    case .round:
      return dnnl_post_ops_append_eltwise(operations, dnnl_eltwise_round, 0, 0)
    case .linear(let scale, let shift):
      return dnnl_post_ops_append_eltwise(operations, dnnl_eltwise_linear, scale, shift)
    case .activation(let activation):
      let (algorithm, alpha, beta) = activation.library
      return dnnl_post_ops_append_eltwise(operations, algorithm, alpha, beta)
    case .sum(let scale, let dtype):
      guard let type = dtype.library else {
        throw .unsupported("a sum of \(dtype.rawValue) elements")
      }
      return dnnl_post_ops_append_sum(operations, scale, 0, type)
    }
  }
}
