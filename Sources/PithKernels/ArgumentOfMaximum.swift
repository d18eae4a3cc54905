public import PithTensors

/// Output 0 (int64) is the place along one axis of the largest element of input 0: the first of
/// equal ones, or the last. A NaN counts as larger than any number.
public func argumentOfMaximumKernel(axis: Int, last: Bool, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  switch try request.input(0).dtype {
  case .float32: try argumentKernel(axis, last, request, as: Float.self)
  case .float64: try argumentKernel(axis, last, request, as: Double.self)
  case .int8: try argumentKernel(axis, last, request, as: Int8.self)
  case .uint8: try argumentKernel(axis, last, request, as: UInt8.self)
  case .int32: try argumentKernel(axis, last, request, as: Int32.self)
  case .int64: try argumentKernel(axis, last, request, as: Int64.self)
  case let other: throw .unsupported("the largest of \(other.rawValue) elements")
  }
}

private func argumentKernel<Element: TensorElement & Comparable>(
  _ axis: Int, _ last: Bool, _ request: KernelRequest, as _: Element.Type
) throws(KernelError) -> KernelPlan {
  let shape = try request.input(0).shape
  let dimensions = shape.rank == 0 ? [1] : shape.dimensions
  let outer = dimensions[..<axis].reduce(1, *)
  let inner = dimensions[(axis + 1)...].reduce(1, *)
  let extent = dimensions[axis]
  guard extent > 0 || outer * inner == 0 else {
    throw .unsupported("the largest of no elements")
  }
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "reference"
  ) { buffers in
    let x = buffers.input(0, as: Element.self)
    let y = buffers.output(0, as: Int64.self)
    return {
      for row in 0..<outer {
        for column in 0..<inner {
          let elements = x + (row * extent * inner + column)
          var best = 0
          for candidate in 1..<max(extent, 1) {
            let (a, b) = (elements[candidate * inner], elements[best * inner])
            if a > b || (last && a == b) || (a != a && b == b) { best = candidate }
          }
          y[row * inner + column] = Int64(best)
        }
      }
    }
  }
}
