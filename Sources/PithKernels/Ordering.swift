import CPithKernels
public import PithTensors

/// The largest (or smallest) elements of input 0 along one axis, best first: output 0 is the
/// elements, output 1 (int64) their positions, as many as the outputs have along the axis. Of equal
/// elements the first is better; NaN is larger than any number.
public func selectKernel(axis: Int, largest: Bool, _ request: KernelRequest) throws(KernelError)
  -> KernelPlan
{
  let (data, result) = (try request.input(0), try request.output(0))
  let type = try data.dtype.element()
  let outer = data.shape.dimensions[..<axis].reduce(1, *)
  let inner = data.shape.dimensions[(axis + 1)...].reduce(1, *)
  let (extent, kept) = (data.shape[axis], result.shape[axis])
  guard kept <= extent else { throw .unsupported("\(kept) elements of \(extent)") }
  // Whichever output is not wanted goes to scratch memory, behind the heap.
  let heap = max(kept, 1) * MemoryLayout<pith_ranked>.stride
  let spare = max(result.layout.bytes, result.shape.count * MemoryLayout<Int64>.stride)
  return KernelPlan(
    inputs: request.plainFirstInput, outputs: request.plainOutputs,
    scratchBytes: heap + (request.hasOutput(1) ? 0 : spare), implementation: "c:select"
  ) { buffers in
    let (from, values) = (UnsafeRawPointer(buffers.inputs[0]!), buffers.outputs[0]!)
    let scratch = buffers.scratch!
    let second = buffers.outputs.count > 1 ? buffers.outputs[1] : nil
    let positions = (second ?? scratch + heap).assumingMemoryBound(to: Int64.self)
    return {
      pith_select(
        from, type, outer, extent, inner, kept, largest ? 1 : 0, values, positions,
        scratch.assumingMemoryBound(to: pith_ranked.self))
    }
  }
}

extension Tensor {
  /// The elements as numbers that are ordered and equal as the elements are; nil for types that
  /// have no order.
  public var orderKeys: [UInt64]? {
    guard let type = try? dtype.element() else { return nil }
    return readBytes { bytes in
      (0..<count).map { pith_order_key(bytes.baseAddress, type, $0) }
    }
  }
}
