public import PithTensors

/// Output 0 is input 0 held between input 1 and input 2, scalars of which either may be absent.
public func clipKernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
  let operand = try request.input(0)
  switch operand.dtype {
  case .float32:
    if let low = constantBound(request, 1, absent: -.greatestFiniteMagnitude),
      let high = constantBound(request, 2, absent: .greatestFiniteMagnitude)
    {
      // With crossed bounds ONNX gives the upper one, the library is free to differ.
      return try activationKernel(.clip(low: min(low, high), high: high), request)
    }
    return try boundKernel(request, as: Float.self, -.infinity, .infinity)
  case .float64: return try boundKernel(request, as: Double.self, -.infinity, .infinity)
  case .int64: return try boundKernel(request, as: Int64.self, .min, .max)
  case .int32: return try boundKernel(request, as: Int32.self, .min, .max)
  case .int16: return try boundKernel(request, as: Int16.self, .min, .max)
  case .int8: return try boundKernel(request, as: Int8.self, .min, .max)
  case .uint64: return try boundKernel(request, as: UInt64.self, .min, .max)
  case .uint32: return try boundKernel(request, as: UInt32.self, .min, .max)
  case .uint16: return try boundKernel(request, as: UInt16.self, .min, .max)
  case .uint8: return try boundKernel(request, as: UInt8.self, .min, .max)
  case let other: throw .unsupported("clip of \(other.rawValue) elements")
  }
}

private func constantBound(_ request: KernelRequest, _ index: Int, absent: Float) -> Float? {
  guard request.hasInput(index), let operand = request.inputs[index] else { return absent }
  return operand.constant?.floats.first
}

/// Bounds read while running.
private func boundKernel<Element: TensorElement & Comparable>(
  _ request: KernelRequest, as _: Element.Type, _ lowest: Element, _ highest: Element
) throws(KernelError) -> KernelPlan {
  let count = try request.input(0).shape.count
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "reference"
  ) { buffers in
    let x = buffers.input(0, as: Element.self)
    let y = buffers.output(0, as: Element.self)
    let bounds = (1...2).map { index in
      index < buffers.inputs.count ? buffers.inputs[index] : nil
    }
    return {
      let low = bounds[0]?.assumingMemoryBound(to: Element.self).pointee ?? lowest
      let high = bounds[1]?.assumingMemoryBound(to: Element.self).pointee ?? highest
      for index in 0..<count {
        let raised = x[index] < low ? low : x[index]
        y[index] = raised > high ? high : raised
      }
    }
  }
}
