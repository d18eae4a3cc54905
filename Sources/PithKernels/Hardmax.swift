public import PithTensors

/// Output 0 is 1 where input 0 is largest along one axis (the first of equal ones), else 0.
public func hardmaxKernel(axis: Int, _ request: KernelRequest) throws(KernelError) -> KernelPlan {
  switch try request.input(0).dtype {
  case .float32: try hardmaxKernel(axis, request, as: Float.self)
  case .float64: try hardmaxKernel(axis, request, as: Double.self)
  case let other: throw .unsupported("hardmax of \(other.rawValue) elements")
  }
}

private func hardmaxKernel<Element: TensorElement & BinaryFloatingPoint>(
  _ axis: Int, _ request: KernelRequest, as _: Element.Type
) throws(KernelError) -> KernelPlan {
  let shape = try request.input(0).shape
  let dimensions = shape.rank == 0 ? [1] : shape.dimensions
  let outer = dimensions[..<axis].reduce(1, *)
  let inner = dimensions[(axis + 1)...].reduce(1, *)
  let extent = dimensions[axis]
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "reference"
  ) { buffers in
    let x = buffers.input(0, as: Element.self)
    let y = buffers.output(0, as: Element.self)
    return {
      for row in 0..<outer {
        for column in 0..<inner where extent > 0 {
          let start = row * extent * inner + column
          var best = 0
          for place in 0..<extent {
            y[start + place * inner] = 0
            if x[start + place * inner] > x[start + best * inner] { best = place }
          }
          y[start + best * inner] = 1
        }
      }
    }
  }
}
