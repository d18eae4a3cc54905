import CPithKernels
public import PithTensors

/// Output 0 is always `tensor`; no input is read.
public func constantKernel(_ tensor: Tensor, _ request: KernelRequest) -> KernelPlan {
  KernelPlan(
    inputs: [Layout?](repeating: nil, count: request.inputs.count), outputs: request.plainOutputs,
    implementation: "constant"
  ) { buffers in
    let target = buffers.outputs[0]!
    return {
      tensor.readBytes { bytes in
        if let base = bytes.baseAddress {
          target.copyMemory(from: base, byteCount: bytes.count)
        }
      }
    }
  }
}

/// Output 0 is filled with the one element of `value`; no input is read.
public func fillKernel(_ value: Tensor, _ request: KernelRequest) throws(KernelError)
  -> KernelPlan
{
  let result = try request.output(0)
  let bytes = try result.dtype.elementBytes()
  let count = result.shape.count
  guard value.dtype == result.dtype, value.count == 1 else {
    throw .unsupported("a fill value of type \(value.dtype.rawValue)")
  }
  return KernelPlan(
    inputs: [Layout?](repeating: nil, count: request.inputs.count), outputs: request.plainOutputs,
    implementation: "fill"
  ) { buffers in
    let target = buffers.outputs[0]!
    return { value.readBytes { pith_fill(target, count, $0.baseAddress, bytes) } }
  }
}
