public import PithTensors

/// Output 0 is input 0 with zeros below (`upper`) or above the `diagonal`-th diagonal of each
/// matrix of the last two axes.
public func triangleKernel(upper: Bool, diagonal: Int, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  let data = try request.input(0)
  let element = try data.dtype.elementBytes()
  let rank = data.shape.rank
  let (rows, columns) = (data.shape[rank - 2], data.shape[rank - 1])
  let all = data.shape.dimensions.dropLast().reduce(1, *)
  let bytes = columns * element
  let count = bytes > 0 ? all : 0
  return KernelPlan(
    inputs: request.plainFirstInput, outputs: request.plainOutputs, implementation: "triangle"
  ) { buffers in
    let (source, target) = (buffers.inputs[0]!, buffers.outputs[0]!)
    return {
      for row in 0..<count {
        // The first column on or above the diagonal, or the first one strictly above it.
        let (sum, overflow) = (row % rows + (upper ? 0 : 1)).addingReportingOverflow(diagonal)
        let cut = overflow ? (diagonal > 0 ? columns : 0) : min(max(sum, 0), columns)
        let (low, high) = (cut * element, bytes - cut * element)
        let (from, to) = (source + row * bytes, target + row * bytes)
        if upper {
          to.initializeMemory(as: UInt8.self, repeating: 0, count: low)
          (to + low).copyMemory(from: from + low, byteCount: high)
        } else {
          to.copyMemory(from: from, byteCount: low)
          (to + low).initializeMemory(as: UInt8.self, repeating: 0, count: high)
        }
      }
    }
  }
}
