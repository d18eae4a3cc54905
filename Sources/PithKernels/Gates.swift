public import PithTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Output 0 is 1 where input 0 is above zero, and 0 elsewhere; of each run of neighbours that
/// `runs` counts the largest is 1 even where none is above zero.
public func binaryGateKernel(runs: [Int], _ request: KernelRequest) throws(KernelError)
  -> KernelPlan
{
  let operand = try request.input(0)
  guard operand.dtype == .float32, runs.reduce(0, +) == operand.shape.count else {
    throw .unsupported("gates of \(operand.dtype.rawValue)[\(operand.shape)]")
  }
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "reference"
  ) { buffers in
    let a = buffers.input(0, as: Float.self)
    let z = buffers.output(0, as: Float.self)
    return {
      var start = 0
      for run in runs where run > 0 {
        var largest = start
        for index in start..<(start + run) {
          z[index] = a[index] > 0 ? 1 : 0
          if a[index] > a[largest] { largest = index }
        }
        z[largest] = 1
        start += run
      }
    }
  }
}

/// Output 0 is clip(sigmoid((ln u - ln(1 - u) + a) / temperature) (high - low) + low, 0, 1) of
/// input 0, a. Input 1 is the number of the step (int32): with the seed it decides u, uniform in
/// 0...1, of each place.
public func hardConcreteKernel(
  temperature: Float, low: Float, high: Float, seed: UInt64, _ request: KernelRequest
) throws(KernelError) -> KernelPlan {
  let (operand, step) = (try request.input(0), try request.input(1))
  guard operand.dtype == .float32 else {
    throw .unsupported("\(operand.dtype.rawValue) elements")
  }
  guard step.dtype == .int32, step.shape.count == 1 else {
    throw .unsupported("a step number of \(step.dtype.rawValue)[\(step.shape)]")
  }
  let count = operand.shape.count
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "reference"
  ) { buffers in
    let a = buffers.input(0, as: Float.self)
    let step = buffers.input(1, as: Int32.self)
    let z = buffers.output(0, as: Float.self)
    return {
      // Dropout's streams have the step in the lower half and no such number in the upper.
      let stream = UInt64(UInt32(bitPattern: step.pointee)) | 0x6761_7465 << 32
      for block in 0..<(count + 3) / 4 {
        let words = Philox.block(counter: (UInt64(block), stream), key: seed)
        for lane in 0..<min(4, count - 4 * block) {
          let u = (Double(words[lane]) + 0.5) * 0x1p-32
          let logit = (log(u) - log1p(-u) + Double(a[4 * block + lane])) / Double(temperature)
          let stretched = Float(1 / (1 + exp(-logit))) * (high - low) + low
          z[4 * block + lane] = min(max(stretched, 0), 1)
        }
      }
    }
  }
}
