public import PithTensors

/// Output 0 is input 0 less its mean and divided by its standard deviation (plus `epsilon`), both
/// over the axes that are `reduced`; row-major.
public func meanVarianceKernel(reduced: [Bool], epsilon: Double, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  let operand = try request.input(0)
  guard operand.dtype == .float32 else {
    throw .unsupported("normalisation of \(operand.dtype.rawValue) elements")
  }
  if operand.shape.count == 0 { return emptyKernel(request) }
  let kept = Shape(zip(operand.shape.dimensions, reduced).map { $1 ? 1 : $0 })
  let places = BroadcastIndex(kept, to: operand.shape).places
  let (count, groups) = (operand.shape.count, kept.count)
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs,
    scratchBytes: 2 * groups * MemoryLayout<Double>.stride, implementation: "reference"
  ) { buffers in
    let x = buffers.input(0, as: Float.self)
    let y = buffers.output(0, as: Float.self)
    let means = buffers.scratch!.assumingMemoryBound(to: Double.self)
    let deviations = means + groups
    return {
      let depth = Double(count / groups)
      for group in 0..<groups { (means[group], deviations[group]) = (0, 0) }
      for index in 0..<count { means[Int(places[index])] += Double(x[index]) }
      for group in 0..<groups { means[group] /= depth }
      for index in 0..<count {
        let difference = Double(x[index]) - means[Int(places[index])]
        deviations[Int(places[index])] += difference * difference
      }
      for group in 0..<groups {
        deviations[group] = (deviations[group] / depth).squareRoot() + epsilon
      }
      for index in 0..<count {
        let group = Int(places[index])
        y[index] = Float((Double(x[index]) - means[group]) / deviations[group])
      }
    }
  }
}
