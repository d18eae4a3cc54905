public import PithTensors

/// Output 0 is a copy of input 0, in whatever layout it lies; the buffers may be one.
public func copyKernel(_ request: KernelRequest) -> KernelPlan {
  let layout = request.inputs.first??.layout
  let count = layout?.bytes ?? 0
  var inputs = [Layout?](repeating: nil, count: request.inputs.count)
  if !inputs.isEmpty { inputs[0] = layout }
  return KernelPlan(
    inputs: inputs, outputs: [layout], sharing: [.init(input: 0, output: 0)], implementation: "copy"
  ) { buffers in
    let source = buffers.inputs[0]!
    let target = buffers.outputs[0]!
    return { if source != target { target.copyMemory(from: source, byteCount: count) } }
  }
}

/// Output 0 has the elements of input 0 in row-major order under another shape.
public func reshapeKernel(_ request: KernelRequest) -> KernelPlan {
  var plain = request
  if let operand = request.inputs.first ?? nil {
    plain.inputs[0]!.layout = .plain(operand.dtype, operand.shape)
  }
  return copyKernel(plain)
}

/// Output 0 is a copy of input 0, output 1 (bool) is true everywhere.
public func copyAndMaskKernel(_ request: KernelRequest) -> KernelPlan {
  let plain = request.plainInputs.first ?? nil
  let bytes = plain?.bytes ?? 0
  let count = request.outputs[1]?.shape.count ?? 0
  var inputs = [Layout?](repeating: nil, count: request.inputs.count)
  inputs[0] = plain
  return KernelPlan(inputs: inputs, outputs: request.plainOutputs, implementation: "copy") {
    buffers in
    let source = buffers.inputs[0]!
    let (target, mask) = (buffers.outputs[0], buffers.outputs[1]!)
    return {
      target?.copyMemory(from: source, byteCount: bytes)
      mask.initializeMemory(as: UInt8.self, repeating: 1, count: count)
    }
  }
}
