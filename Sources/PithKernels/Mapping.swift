import CPithKernels
public import PithTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An elementwise function that oneDNN lacks. All of them map 0 to 0, so that the padding of a
/// blocked layout stays zero.
public enum MapFunction: Sendable, Hashable {
  case ceiling
  case errorFunction
  case floor
  /// `gamma` x where positive, else `gamma` `alpha` (e^x - 1).
  case scaledExponential(alpha: Float, gamma: Float)
  case sign

  var kernel: (pith_map, Float, Float) {
    switch self {
    case .ceiling: (PITH_MAP_CEILING, 0, 0)
    case .errorFunction: (PITH_MAP_ERROR_FUNCTION, 0, 0)
    case .floor: (PITH_MAP_FLOOR, 0, 0)
    case .scaledExponential(let alpha, let gamma): (PITH_MAP_SCALED_EXPONENTIAL, alpha, gamma)
    case .sign: (PITH_MAP_SIGN, 0, 0)
    }
  }

  /// The function in double precision.
  public func callAsFunction(_ x: Double) -> Double {
    switch self {
    case .ceiling: x.rounded(.up)
    case .errorFunction: erf(x)
    case .floor: x.rounded(.down)
    case .scaledExponential(let alpha, let gamma):
      Double(gamma) * (x > 0 ? x : Double(alpha) * expm1(x))
    case .sign: x > 0 ? 1 : x < 0 ? -1 : x
    }
  }
}

/// Output 0 is `function` of each element of input 0, in the input's layout.
public func mapKernel(_ function: MapFunction, _ request: KernelRequest) throws(KernelError)
  -> KernelPlan
{
  let operand = try request.input(0)
  if operand.dtype == .float64 {
    return try unaryKernel(request, as: Double.self, function.callAsFunction)
  }
  guard operand.dtype == .float32 else {
    throw .unsupported("\(operand.dtype.rawValue) elements")
  }
  let (kind, a, b) = function.kernel
  let count = operand.layout.bytes / MemoryLayout<Float>.stride
  return KernelPlan(
    inputs: [operand.layout], outputs: [operand.layout], sharing: [.init(input: 0, output: 0)],
    implementation: "c:map"
  ) { buffers in
    let x = UnsafePointer(buffers.input(0, as: Float.self))
    let y = buffers.output(0, as: Float.self)
    return { pith_map(kind, a, b, x, y, count) }
  }
}
