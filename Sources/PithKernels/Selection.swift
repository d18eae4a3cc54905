public import PithTensors

/// Output 0 is input 1 where input 0 (bool) holds, else input 2, all stretched to its shape.
public func selectionKernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
  let result = try request.output(0)
  switch result.dtype.bits {
  case 8: return try selectionKernel(request, as: UInt8.self)
  case 16: return try selectionKernel(request, as: UInt16.self)
  case 32: return try selectionKernel(request, as: UInt32.self)
  case 64: return try selectionKernel(request, as: UInt64.self)
  default: throw .unsupported("selection of \(result.dtype.rawValue) elements")
  }
}

/// Elements are moved as bits of the given width.
private func selectionKernel<Bits: FixedWidthInteger>(_ request: KernelRequest, as _: Bits.Type)
  throws(KernelError) -> KernelPlan
{
  let result = try request.output(0).shape
  let conditions = try StretchedOperand(request.input(0).shape, to: result)
  let lefts = try StretchedOperand(request.input(1).shape, to: result)
  let rights = try StretchedOperand(request.input(2).shape, to: result)
  let count = result.count
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "reference"
  ) { buffers in
    let condition = buffers.input(0, as: UInt8.self)
    let left = buffers.input(1, as: Bits.self)
    let right = buffers.input(2, as: Bits.self)
    let output = buffers.output(0, as: Bits.self)
    return {
      for index in 0..<count {
        output[index] =
          condition[conditions[index]] != 0 ? left[lefts[index]] : right[rights[index]]
      }
    }
  }
}

/// Where the elements of an operand lie that is stretched to a result's shape.
struct StretchedOperand {
  /// Nil where the operand already has the result's shape.
  private let places: [Int32]?

  init(_ operand: Shape, to result: Shape) {
    places =
      operand.padded(to: result.rank) == result
      ? nil : BroadcastIndex(operand, to: result).places
  }

  @inline(__always)
  subscript(index: Int) -> Int { places.map { Int($0[index]) } ?? index }
}
