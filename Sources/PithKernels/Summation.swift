public import PithTensors

/// Output 0 is the sum or the mean of all inputs, stretched to a common shape.
public func sumKernel(isMean: Bool = false, _ request: KernelRequest) throws(KernelError)
  -> KernelPlan
{
  if request.inputs.count == 1 { return copyKernel(request) }
  switch try request.input(0).dtype {
  case .float32:
    if request.inputs.count == 2, !isMean { return try binaryKernel(.add, request) }
    return try sumKernel(isMean, request, as: Float.self)
  case .float64: return try sumKernel(isMean, request, as: Double.self)
  case let other: throw .unsupported("a sum of \(other.rawValue) elements")
  }
}

private func sumKernel<Element: TensorElement & BinaryFloatingPoint>(
  _ isMean: Bool, _ request: KernelRequest, as _: Element.Type
) throws(KernelError) -> KernelPlan {
  let result = try request.output(0).shape
  let operands = try stretchedInputs(request, from: 0, to: result)
  let count = result.count
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "reference"
  ) { buffers in
    let sources = operands.indices.map { buffers.input($0, as: Element.self) }
    let output = buffers.output(0, as: Element.self)
    return {
      for index in 0..<count { output[index] = sources[0][operands[0][index]] }
      for slot in 1..<operands.count {
        for index in 0..<count { output[index] += sources[slot][operands[slot][index]] }
      }
      if isMean {
        for index in 0..<count { output[index] /= Element(operands.count) }
      }
    }
  }
}
