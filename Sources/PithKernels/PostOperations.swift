import CDNNL
import PithTensors

/// What a kernel does to its result before it leaves the registers.
public struct PostOperations: Sendable, Hashable {
  /// Adds the result to what already lies in the output buffer (a residual sum).
  public var sum = false
  public var activation: Activation?
  /// Factor of the result, before anything else.
  var scale: Float = 1

  public init(sum: Bool = false, activation: Activation? = nil) {
    self.sum = sum
    self.activation = activation
  }

  public var isEmpty: Bool { !sum && activation == nil && scale == 1 }

  func apply(to attributes: dnnl_primitive_attr_t?) throws(KernelError) {
    guard !isEmpty else { return }
    var operations: dnnl_post_ops_t?
    try check(dnnl_post_ops_create(&operations), "post-operations")
    defer { dnnl_post_ops_destroy(operations) }
    if scale != 1 {
      try check(
        dnnl_post_ops_append_eltwise(operations, dnnl_eltwise_linear, scale, 0), "scale")
    }
    if sum {
      try check(dnnl_post_ops_append_sum(operations, 1, 0, dnnl_data_type_undef), "sum")
    }
    if let activation {
      let (algorithm, alpha, beta) = activation.library
      try check(dnnl_post_ops_append_eltwise(operations, algorithm, alpha, beta), "activation")
    }
    try check(dnnl_primitive_attr_set_post_ops(attributes, operations), "post-operations")
  }
}

/// An elementwise function that oneDNN has.
public enum Activation: Sendable, Hashable {
  case relu
  /// x where positive, else `slope` x.
  case leakyRelu(slope: Float)
  case clip(low: Float, high: Float)
  /// x where positive, else `alpha` (e^x - 1).
  case elu(alpha: Float)
  case sigmoid
  case tanh
  case exp
  case log
  case sqrt
  case abs
  case square
  /// `scale` x + `shift`.
  case linear(scale: Float, shift: Float)
  /// `scale` x^`exponent`.
  case power(scale: Float, exponent: Float)
  case geluErf
  case geluTanh
  /// x sigmoid(`alpha` x).
  case swish(alpha: Float)
  /// clip(`alpha` x + `beta`, 0, 1).
  case hardSigmoid(alpha: Float, beta: Float)
  /// x clip(`alpha` x + `beta`, 0, 1).
  case hardSwish(alpha: Float, beta: Float)
  /// ln(1 + e^x).
  case softplus
  case mish
  case round

  /// The library's algorithm and its two parameters.
  var library: (dnnl_alg_kind_t, Float, Float) {
    switch self {
    case .relu: (dnnl_eltwise_relu, 0, 0)
    case .leakyRelu(let slope): (dnnl_eltwise_relu, slope, 0)
    case .clip(let low, let high): (dnnl_eltwise_clip, low, high)
    case .elu(let alpha): (dnnl_eltwise_elu, alpha, 0)
    case .sigmoid: (dnnl_eltwise_logistic, 0, 0)
    case .tanh: (dnnl_eltwise_tanh, 0, 0)
    case .exp: (dnnl_eltwise_exp, 0, 0)
    case .log: (dnnl_eltwise_log, 0, 0)
    case .sqrt: (dnnl_eltwise_sqrt, 0, 0)
    case .abs: (dnnl_eltwise_abs, 0, 0)
    case .square: (dnnl_eltwise_square, 0, 0)
    case .linear(let scale, let shift): (dnnl_eltwise_linear, scale, shift)
    case .power(let scale, let exponent): (dnnl_eltwise_pow, scale, exponent)
    case .geluErf: (dnnl_eltwise_gelu_erf, 0, 0)
    case .geluTanh: (dnnl_eltwise_gelu_tanh, 0, 0)
    case .swish(let alpha): (dnnl_eltwise_swish, alpha, 0)
    case .hardSigmoid(let alpha, let beta): (dnnl_eltwise_hardsigmoid, alpha, beta)
    case .hardSwish(let alpha, let beta): (dnnl_eltwise_hardswish, alpha, beta)
    case .softplus: (dnnl_eltwise_soft_relu, 1, 0)
    case .mish: (dnnl_eltwise_mish, 0, 0)
    case .round: (dnnl_eltwise_round, 0, 0)
    }
  }

  /// Whether f(0) = 0, so that the padding of a blocked layout stays zero.
  public var keepsZero: Bool {
    switch self {
    case .sigmoid, .exp, .log, .hardSigmoid, .softplus: false
    case .clip(let low, let high): low <= 0 && high >= 0
    case .linear(_, let shift): shift == 0
    case .power(_, let exponent): exponent > 0
    default: true
    }
  }
}
