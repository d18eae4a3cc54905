import CPithKernels
public import PithTensors

/// Inputs: data (float32, any shape), step number (int32 scalar). Output: the data with a random
/// share `ratio` of the elements zero and the others divided by 1 - `ratio`; which ones depends on
/// the seed, the stream, the step and the element's place in row-major order alone.
public func dropoutKernel(ratio: Float, seed: UInt64, stream: UInt32, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  let (operand, step) = (try request.input(0), try request.input(1))
  guard operand.dtype == .float32 else {
    throw .unsupported("\(operand.dtype.rawValue) elements")
  }
  guard step.dtype == .int32, step.shape.count == 1 else {
    throw .unsupported("a step number of \(step.dtype.rawValue)[\(step.shape)]")
  }
  let count = operand.shape.count
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs,
    sharing: [.init(input: 0, output: 0)], implementation: "c"
  ) { buffers in
    let x = buffers.input(0, as: Float.self)
    let step = buffers.input(1, as: Int32.self)
    let y = buffers.output(0, as: Float.self)
    return {
      pith_dropout(x, y, count, ratio, seed, stream, UInt32(bitPattern: step.pointee))
    }
  }
}
