public import PithTensors

/// For each element of a row-major result, the place of the element of an operand it comes from,
/// when the operand is stretched to the result's shape.
struct BroadcastIndex {
  private let extents: [Int]
  private let steps: [Int]

  init(_ operand: Shape, to result: Shape) {
    let padded = operand.padded(to: result.rank)
    let strides = padded.strides
    extents = result.dimensions
    steps = (0..<result.rank).map { padded[$0] == 1 ? 0 : strides[$0] }
  }

  /// Calls `body` with each place in turn.
  @inline(__always)
  func forEach(_ body: (Int) -> Void) {
    var counter = [Int](repeating: 0, count: extents.count)
    var place = 0
    let count = extents.reduce(1, *)
    for _ in 0..<count {
      body(place)
      var axis = extents.count - 1
      while axis >= 0 {
        counter[axis] += 1
        place += steps[axis]
        if counter[axis] < extents[axis] { break }
        place -= steps[axis] * extents[axis]
        counter[axis] = 0
        axis -= 1
      }
    }
  }

  /// All places, in order.
  var places: [Int32] {
    var places: [Int32] = []
    places.reserveCapacity(extents.reduce(1, *))
    forEach { places.append(Int32(truncatingIfNeeded: $0)) }
    return places
  }
}

/// Both operands stretched at once, which the library cannot do.
func broadcastKernel(_ function: BinaryFunction, _ request: KernelRequest) throws(KernelError)
  -> KernelPlan
{
  switch function {
  case .add: try pointwiseKernel(request, as: Float.self) { $0 + $1 }
  case .subtract: try pointwiseKernel(request, as: Float.self) { $0 - $1 }
  case .multiply: try pointwiseKernel(request, as: Float.self) { $0 * $1 }
  case .divide: try pointwiseKernel(request, as: Float.self) { $0 / $1 }
  case .minimum: try pointwiseKernel(request, as: Float.self) { min($0, $1) }
  case .maximum: try pointwiseKernel(request, as: Float.self) { max($0, $1) }
  }
}

/// Output 0 is `function` of inputs 0 and 1 of one element type, stretched as NumPy does; row-major.
public func pointwiseKernel<Element: TensorElement, Result: TensorElement>(
  _ request: KernelRequest, as _: Element.Type, implementation: String = "reference",
  _ function: @escaping (Element, Element) -> Result
) throws(KernelError) -> KernelPlan {
  let (left, right, result) = (try request.input(0), try request.input(1), try request.output(0))
  guard left.dtype == Element.dtype, right.dtype == Element.dtype, result.dtype == Result.dtype
  else { throw .unsupported("elements of type \(left.dtype.rawValue)") }
  let count = result.shape.count
  let leftPlaces =
    left.shape == result.shape
    ? nil
    : BroadcastIndex(left.shape, to: result.shape)
      .places
  let rightPlaces =
    right.shape == result.shape ? nil : BroadcastIndex(right.shape, to: result.shape).places
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: implementation
  ) { buffers in
    let a = buffers.input(0, as: Element.self)
    let b = buffers.input(1, as: Element.self)
    let out = buffers.output(0, as: Result.self)
    return {
      for index in 0..<count {
        let x = a[leftPlaces.map { Int($0[index]) } ?? index]
        let y = b[rightPlaces.map { Int($0[index]) } ?? index]
        out[index] = function(x, y)
      }
    }
  }
}

/// Output 0 is `function` of each element of input 0; row-major.
public func unaryKernel<Element: TensorElement, Result: TensorElement>(
  _ request: KernelRequest, as _: Element.Type, implementation: String = "reference",
  _ function: @escaping (Element) -> Result
) throws(KernelError) -> KernelPlan {
  let (operand, result) = (try request.input(0), try request.output(0))
  guard operand.dtype == Element.dtype, result.dtype == Result.dtype else {
    throw .unsupported("elements of type \(operand.dtype.rawValue)")
  }
  let count = result.shape.count
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: implementation
  ) { buffers in
    let a = buffers.input(0, as: Element.self)
    let out = buffers.output(0, as: Result.self)
    return { for index in 0..<count { out[index] = function(a[index]) } }
  }
}

/// Output 0 is `function` of the bits of each element of input 0, whose elements are as wide as
/// `Bits`; row-major.
public func bitwiseKernel<Bits: TensorElement>(
  _ request: KernelRequest, as _: Bits.Type, _ function: @escaping (Bits) -> Bits
) throws(KernelError) -> KernelPlan {
  let (operand, result) = (try request.input(0), try request.output(0))
  guard operand.dtype.bits == Bits.dtype.bits, result.dtype == operand.dtype else {
    throw .unsupported("elements of type \(operand.dtype.rawValue)")
  }
  let count = result.shape.count
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "reference"
  ) { buffers in
    let a = buffers.input(0, as: Bits.self)
    let out = buffers.output(0, as: Bits.self)
    return { for index in 0..<count { out[index] = function(a[index]) } }
  }
}
