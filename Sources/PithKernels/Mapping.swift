import CPithKernels
public import PithTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An elementwise function that oneDNN lacks.
public enum MapFunction: Sendable, Hashable {
  case arcCosine, arcSine, arcTangent
  case ceiling
  /// x where positive, else `alpha` (e^(x / `alpha`) - 1).
  case celu(alpha: Float)
  case cosine
  case errorFunction
  case floor
  case hyperbolicArcCosine, hyperbolicArcSine, hyperbolicArcTangent
  case hyperbolicCosine, hyperbolicSine
  /// `gamma` x where positive, else `gamma` `alpha` (e^x - 1).
  case scaledExponential(alpha: Float, gamma: Float)
  /// x - `bias` where x is above `threshold`, x + `bias` where it is below -`threshold`, else 0.
  case shrink(threshold: Float, bias: Float)
  case sign
  case sine
  /// x / (1 + |x|).
  case softSign
  case tangent
  /// x where it is above the number, else 0.
  case threshold(Float)

  var kernel: (pith_map, Float, Float) {
    switch self {
    case .arcCosine: (PITH_MAP_ARC_COSINE, 0, 0)
    case .arcSine: (PITH_MAP_ARC_SINE, 0, 0)
    case .arcTangent: (PITH_MAP_ARC_TANGENT, 0, 0)
    case .ceiling: (PITH_MAP_CEILING, 0, 0)
    case .celu(let alpha): (PITH_MAP_CELU, alpha, 0)
    case .cosine: (PITH_MAP_COSINE, 0, 0)
    case .errorFunction: (PITH_MAP_ERROR_FUNCTION, 0, 0)
    case .floor: (PITH_MAP_FLOOR, 0, 0)
    case .hyperbolicArcCosine: (PITH_MAP_HYPERBOLIC_ARC_COSINE, 0, 0)
    case .hyperbolicArcSine: (PITH_MAP_HYPERBOLIC_ARC_SINE, 0, 0)
    case .hyperbolicArcTangent: (PITH_MAP_HYPERBOLIC_ARC_TANGENT, 0, 0)
    case .hyperbolicCosine: (PITH_MAP_HYPERBOLIC_COSINE, 0, 0)
    case .hyperbolicSine: (PITH_MAP_HYPERBOLIC_SINE, 0, 0)
    case .scaledExponential(let alpha, let gamma): (PITH_MAP_SCALED_EXPONENTIAL, alpha, gamma)
    case .shrink(let threshold, let bias): (PITH_MAP_SHRINK, threshold, bias)
    case .sign: (PITH_MAP_SIGN, 0, 0)
    case .sine: (PITH_MAP_SINE, 0, 0)
    case .softSign: (PITH_MAP_SOFT_SIGN, 0, 0)
    case .tangent: (PITH_MAP_TANGENT, 0, 0)
    case .threshold(let threshold): (PITH_MAP_THRESHOLD, threshold, 0)
    }
  }

  /// Whether f(0) = 0, so that the padding of a blocked layout stays zero.
  var keepsZero: Bool {
    switch self {
    case .arcCosine, .cosine, .hyperbolicArcCosine, .hyperbolicCosine: false
    case .shrink(let threshold, _): threshold >= 0
    default: true
    }
  }

  /// The function in double precision.
  public func callAsFunction(_ x: Double) -> Double {
    switch self {
    case .arcCosine: acos(x)
    case .arcSine: asin(x)
    case .arcTangent: atan(x)
    case .ceiling: x.rounded(.up)
    case .celu(let alpha): x > 0 ? x : Double(alpha) * expm1(x / Double(alpha))
    case .cosine: cos(x)
    case .errorFunction: erf(x)
    case .floor: x.rounded(.down)
    case .hyperbolicArcCosine: acosh(x)
    case .hyperbolicArcSine: asinh(x)
    case .hyperbolicArcTangent: atanh(x)
    case .hyperbolicCosine: cosh(x)
    case .hyperbolicSine: sinh(x)
    case .scaledExponential(let alpha, let gamma):
      Double(gamma) * (x > 0 ? x : Double(alpha) * expm1(x))
    case .shrink(let threshold, let bias):
      x > Double(threshold) ? x - Double(bias) : x < -Double(threshold) ? x + Double(bias) : 0
    case .sign: x > 0 ? 1 : x < 0 ? -1 : x
    case .sine: sin(x)
    case .softSign: x / (1 + x.magnitude)
    case .tangent: tan(x)
    case .threshold(let threshold): x > Double(threshold) ? x : 0
    }
  }
}

/// Output 0 is `function` of each element of input 0, in the input's layout where that can be.
public func mapKernel(_ function: MapFunction, _ request: KernelRequest) throws(KernelError)
  -> KernelPlan
{
  let operand = try request.input(0)
  if operand.dtype == .float64 {
    return try unaryKernel(request, as: Double.self, function.callAsFunction)
  }
  let layout = try mapLayout(function, operand)
  let (kind, a, b) = function.kernel
  let count = layout.bytes / MemoryLayout<Float>.stride
  return KernelPlan(
    inputs: [layout], outputs: [layout], sharing: [.init(input: 0, output: 0)],
    implementation: "c:map"
  ) { buffers in
    let x = UnsafePointer(buffers.input(0, as: Float.self))
    let y = buffers.output(0, as: Float.self)
    return { pith_map(kind, a, b, x, y, count) }
  }
}

/// Output 0 is the gradient of `function`: inputs are the gradient of its result and its input.
public func mapGradientKernel(_ function: MapFunction, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  let layout = try mapLayout(function, try request.input(1))
  let (kind, a, b) = function.kernel
  let count = layout.bytes / MemoryLayout<Float>.stride
  return KernelPlan(
    inputs: [layout, layout], outputs: [layout], sharing: [.init(input: 0, output: 0)],
    implementation: "c:map"
  ) { buffers in
    let upstream = UnsafePointer(buffers.input(0, as: Float.self))
    let x = UnsafePointer(buffers.input(1, as: Float.self))
    let y = buffers.output(0, as: Float.self)
    return { pith_map_gradient(kind, a, b, upstream, x, y, count) }
  }
}

/// The operand's own layout, or row-major where its padding would not stay zero.
private func mapLayout(_ function: MapFunction, _ operand: KernelRequest.Operand)
  throws(KernelError) -> Layout
{
  guard operand.dtype == .float32 else {
    throw .unsupported("\(operand.dtype.rawValue) elements")
  }
  let isPadded = operand.layout.blocking?.isPadded ?? false
  return isPadded && !function.keepsZero ? .plain(operand.dtype, operand.shape) : operand.layout
}
