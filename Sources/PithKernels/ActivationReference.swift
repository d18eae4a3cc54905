#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Activation {
  /// The function in double precision: for float64 values, and to check the library against.
  public func callAsFunction(_ x: Double) -> Double {
    switch self {
    case .relu: x > 0 ? x : 0
    case .leakyRelu(let slope): x > 0 ? x : Double(slope) * x
    case .clip(let low, let high): Swift.min(Swift.max(x, Double(low)), Double(high))
    case .elu(let alpha): x > 0 ? x : Double(alpha) * expm1(x)
    case .sigmoid: logistic(x)
    case .tanh: hyperbolicTangent(x)
    case .exp: exponential(x)
    case .log: naturalLogarithm(x)
    case .sqrt: x.squareRoot()
    case .abs: x.magnitude
    case .square: x * x
    case .linear(let scale, let shift): Double(scale) * x + Double(shift)
    case .power(let scale, let exponent): Double(scale) * pow(x, Double(exponent))
    case .geluErf: x / 2 * (1 + erf(x / 2.0.squareRoot()))
    case .geluTanh:
      x / 2 * (1 + hyperbolicTangent((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .swish(let alpha): x * logistic(Double(alpha) * x)
    case .hardSigmoid(let alpha, let beta): unit(Double(alpha) * x + Double(beta))
    case .hardSwish(let alpha, let beta): x * unit(Double(alpha) * x + Double(beta))
    case .softplus: smoothRamp(x)
    case .mish: x * hyperbolicTangent(smoothRamp(x))
    case .round: x.rounded(.toNearestOrEven)
    }
  }
}

private func exponential(_ x: Double) -> Double { exp(x) }
private func naturalLogarithm(_ x: Double) -> Double { log(x) }
private func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }
private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
private func smoothRamp(_ x: Double) -> Double { Swift.max(x, 0) + log1p(exp(-x.magnitude)) }
private func unit(_ x: Double) -> Double { Swift.min(Swift.max(x, 0), 1) }
