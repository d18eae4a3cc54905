import CPithKernels
public import PithTensors

/// Output 0 is the slices of input 0 along `axis` that input 1 (32- or 64-bit indices) names.
/// Negative indices count from the end; those outside give zeros.
public func gatherKernel(axis: Int, _ request: KernelRequest) throws(KernelError) -> KernelPlan {
  let (data, indices) = (try request.input(0), try request.input(1))
  var shape = gatherShape(axis: axis, data: data.shape, indices: indices.shape)
  shape.run *= try data.dtype.elementBytes()
  let indexBytes = try indexBytes(of: indices)
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "gather"
  ) { buffers in
    let (from, places, to) = (buffers.inputs[0]!, buffers.inputs[1]!, buffers.outputs[0]!)
    return { withUnsafePointer(to: shape) { pith_gather(from, places, indexBytes, to, $0) } }
  }
}

/// Output 0 is the gradient of `gatherKernel`'s data: the slices of input 0 (float32) added up at
/// the indices of input 1. The sums depend on the shapes alone, not on the number of threads.
public func gatherGradientKernel(axis: Int, _ request: KernelRequest) throws(KernelError)
  -> KernelPlan
{
  let (upstream, indices, result) = (
    try request.input(0), try request.input(1), try request.output(0)
  )
  guard upstream.dtype == .float32 else {
    throw .unsupported("elements of type \(upstream.dtype.rawValue)")
  }
  let shape = gatherShape(axis: axis, data: result.shape, indices: indices.shape)
  let indexBytes = try indexBytes(of: indices)
  var inputs = request.plainInputs
  for index in inputs.indices.dropFirst(2) { inputs[index] = nil }
  return KernelPlan(
    inputs: inputs, outputs: request.plainOutputs,
    scratchBytes: withUnsafePointer(to: shape) { pith_scatter_add_scratch($0) },
    implementation: "scatter-add"
  ) { buffers in
    let (from, to) = (buffers.input(0, as: Float.self), buffers.output(0, as: Float.self))
    let (places, scratch) = (buffers.inputs[1]!, buffers.scratch)
    return {
      withUnsafePointer(to: shape) {
        pith_scatter_add(from, places, indexBytes, to, $0, scratch)
      }
    }
  }
}

private func gatherShape(axis: Int, data: Shape, indices: Shape) -> pith_gather {
  pith_gather(
    outer: data.dimensions[..<axis].reduce(1, *), size: data[axis], count: indices.count,
    run: data.dimensions[(axis + 1)...].reduce(1, *))
}

private func indexBytes(of indices: KernelRequest.Operand) throws(KernelError) -> Int32 {
  guard indices.dtype == .int32 || indices.dtype == .int64 else {
    throw .unsupported("indices of type \(indices.dtype.rawValue)")
  }
  return Int32(indices.dtype.bits / 8)
}
