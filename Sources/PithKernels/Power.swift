public import PithTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Output 0 is input 0 to the power of input 1, stretched to a common shape, computed in double
/// precision; the two may have different element types.
public func powerKernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
  switch try request.input(0).dtype {
  case .float32: try powerKernel(request, of: Float.self)
  case .float64: try powerKernel(request, of: Double.self)
  case .int32: try powerKernel(request, of: Int32.self)
  case .int64: try powerKernel(request, of: Int64.self)
  case let other: throw .unsupported("powers of \(other.rawValue) elements")
  }
}

private protocol PowerElement: TensorElement {
  var number: Double { get }
  init(number: Double)
}

extension PowerElement where Self: BinaryFloatingPoint {
  var number: Double { Double(self) }
  init(number: Double) { self = Self(number) }
}

extension PowerElement where Self: FixedWidthInteger {
  var number: Double { Double(self) }
  init(number: Double) {
    self = Self(exactly: number.rounded(.towardZero)) ?? (number < 0 ? .min : .max)
  }
}

extension Float: PowerElement {}
extension Double: PowerElement {}
extension Int32: PowerElement {}
extension Int64: PowerElement {}
extension UInt32: PowerElement {}
extension UInt64: PowerElement {}

private func powerKernel<Base: PowerElement>(_ request: KernelRequest, of base: Base.Type)
  throws(KernelError) -> KernelPlan
{
  switch try request.input(1).dtype {
  case .float32: try powerKernel(request, base, Float.self)
  case .float64: try powerKernel(request, base, Double.self)
  case .int32: try powerKernel(request, base, Int32.self)
  case .int64: try powerKernel(request, base, Int64.self)
  case .uint32: try powerKernel(request, base, UInt32.self)
  case .uint64: try powerKernel(request, base, UInt64.self)
  case let other: throw .unsupported("exponents of type \(other.rawValue)")
  }
}

private func powerKernel<Base: PowerElement, Exponent: PowerElement>(
  _ request: KernelRequest, _: Base.Type, _: Exponent.Type
) throws(KernelError) -> KernelPlan {
  let result = try request.output(0).shape
  let bases = try StretchedOperand(request.input(0).shape, to: result)
  let exponents = try StretchedOperand(request.input(1).shape, to: result)
  let count = result.count
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "reference"
  ) { buffers in
    let base = buffers.input(0, as: Base.self)
    let exponent = buffers.input(1, as: Exponent.self)
    let output = buffers.output(0, as: Base.self)
    return {
      for index in 0..<count {
        output[index] = Base(
          number: pow(base[bases[index]].number, exponent[exponents[index]].number))
      }
    }
  }
}
