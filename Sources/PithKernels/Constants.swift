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
