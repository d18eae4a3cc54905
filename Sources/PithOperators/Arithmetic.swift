import PithGraph
import PithKernels
import PithTensors

/// The fact about an elementwise function of two values; whole numbers that are known (shape
/// arithmetic) are computed with `integers`.
func inferBinary(_ inputs: [Fact?], _ integers: (Int, Int) -> Int?) throws(ShapeError) -> [Fact] {
  let (left, right) = (try inputs.required(0), try inputs.required(1))
  guard left.dtype == right.dtype else {
    throw .mismatch("element types \(left.dtype.rawValue) and \(right.dtype.rawValue) differ")
  }
  var fact = Fact(left.dtype, try broadcast(left.dimensions, right.dimensions))
  guard left.dtype.isInteger, let a = left.elements, let b = right.elements,
    a.count == b.count || a.count == 1 || b.count == 1
  else { return [fact] }
  let count = a.isEmpty || b.isEmpty ? 0 : max(a.count, b.count)
  fact.elements = (0..<count).map { index in
    guard let x = a[a.count == 1 ? 0 : index].size, let y = b[b.count == 1 ? 0 : index].size,
      let result = integers(x, y)
    else { return .unknown }
    return .fixed(result)
  }
  return [fact]
}

/// float32 goes to the library; other element types to plain loops. `unsigned` is needed where the
/// lower 64 bits of the result depend on the sign.
func arithmeticKernel(
  _ request: KernelRequest, _ function: BinaryFunction,
  integers: @escaping @Sendable (Int64, Int64) -> Int64,
  unsigned: (@Sendable (UInt64, UInt64) -> UInt64)? = nil,
  doubles: @escaping @Sendable (Double, Double) -> Double
) throws(KernelError) -> KernelPlan {
  switch try request.input(0).dtype {
  case .float32: try binaryKernel(function, request)
  case .float64: try pointwiseKernel(request, as: Double.self, doubles)
  default: try integerKernel(request, integers, unsigned: unsigned)
  }
}

/// A function of two whole numbers, computed in 64 bits of which the lower ones are kept; `unsigned`
/// as above.
func integerKernel(
  _ request: KernelRequest, _ integers: @escaping @Sendable (Int64, Int64) -> Int64,
  unsigned: (@Sendable (UInt64, UInt64) -> UInt64)? = nil
) throws(KernelError) -> KernelPlan {
  switch try request.input(0).dtype {
  case .int64: try pointwiseKernel(request, as: Int64.self, integers)
  case .uint64:
    try pointwiseKernel(
      request, as: UInt64.self,
      unsigned ?? {
        UInt64(bitPattern: integers(Int64(bitPattern: $0), Int64(bitPattern: $1)))
      })
  case .int32: try narrowKernel(request, as: Int32.self, integers)
  case .uint32: try narrowKernel(request, as: UInt32.self, integers)
  case .int16: try narrowKernel(request, as: Int16.self, integers)
  case .uint16: try narrowKernel(request, as: UInt16.self, integers)
  case .int8: try narrowKernel(request, as: Int8.self, integers)
  case .uint8: try narrowKernel(request, as: UInt8.self, integers)
  case let other: throw .unsupported("\(other.rawValue) elements")
  }
}

/// The integer function computed in 64 bits, of which the lower ones are kept.
private func narrowKernel<Element: FixedWidthInteger & TensorElement>(
  _ request: KernelRequest, as _: Element.Type,
  _ integers: @escaping @Sendable (Int64, Int64) -> Int64
) throws(KernelError) -> KernelPlan {
  try pointwiseKernel(request, as: Element.self) {
    Element(truncatingIfNeeded: integers(Int64($0), Int64($1)))
  }
}

/// The fact about an elementwise function of one value that keeps its type; whole numbers that are
/// known are computed with `integers`.
func inferUnary(_ inputs: [Fact?], _ integers: (Int) -> Int) throws(ShapeError) -> [Fact] {
  let operand = try inputs.required(0)
  var fact = Fact(operand.type)
  if operand.dtype.isInteger, let elements = operand.elements {
    fact.elements = elements.map { $0.size.map { .fixed(integers($0)) } ?? .unknown }
  }
  return [fact]
}

/// Floating-point numbers go to the library; whole ones to plain loops.
func unaryArithmeticKernel(
  _ request: KernelRequest, _ function: Activation,
  integers: @escaping @Sendable (Int64) -> Int64
) throws(KernelError) -> KernelPlan {
  switch try request.input(0).dtype {
  case .int64: try unaryKernel(request, as: Int64.self, integers)
  case .int32: try narrowKernel(request, as: Int32.self, integers)
  case .int16: try narrowKernel(request, as: Int16.self, integers)
  case .int8: try narrowKernel(request, as: Int8.self, integers)
  default: try activationKernel(function, request)
  }
}

private func narrowKernel<Element: FixedWidthInteger & TensorElement>(
  _ request: KernelRequest, as _: Element.Type, _ integers: @escaping @Sendable (Int64) -> Int64
) throws(KernelError) -> KernelPlan {
  try unaryKernel(request, as: Element.self) {
    Element(truncatingIfNeeded: integers(Int64($0)))
  }
}

/// The fact about a function of the bits of two whole numbers.
func inferBits(_ inputs: [Fact?], _ integers: (Int, Int) -> Int?) throws(ShapeError) -> [Fact] {
  let operand = try inputs.required(0)
  guard operand.dtype.isInteger, operand.dtype.bits >= 8 else {
    throw .type(input: 0, operand.dtype)
  }
  return try inferBinary(inputs, integers)
}

/// The fact about a logical function of two values.
func inferLogic(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
  let operand = try inputs.required(0)
  guard operand.dtype == .bool else { throw .type(input: 0, operand.dtype) }
  return try inferComparison(inputs)
}

/// The fact about a comparison of two values.
func inferComparison(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
  let (left, right) = (try inputs.required(0), try inputs.required(1))
  guard left.dtype == right.dtype else {
    throw .mismatch("element types \(left.dtype.rawValue) and \(right.dtype.rawValue) differ")
  }
  return [Fact(.bool, try broadcast(left.dimensions, right.dimensions))]
}
