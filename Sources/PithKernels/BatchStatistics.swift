public import PithTensors

/// Batch normalisation by the statistics of the batch itself, outside of a training step.
///
/// Inputs: x (N, C, ...), scale, shift, running mean, running variance (C each). Outputs: y, and
/// where wanted the running mean and variance, `momentum` of which is kept.
public func batchStatisticsKernel(epsilon: Float, momentum: Float, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  let shape = try request.input(0).shape
  for case let operand? in request.inputs + request.outputs where operand.dtype != .float32 {
    throw .unsupported("normalisation of \(operand.dtype.rawValue) elements")
  }
  guard shape.rank >= 2, shape.count > 0 else {
    throw .unsupported("statistics of a batch of shape \(shape)")
  }
  let (rows, channels) = (shape[0], shape[1])
  let pixels = shape.dimensions.dropFirst(2).reduce(1, *)
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "reference"
  ) { buffers in
    let x = buffers.input(0, as: Float.self)
    let parameters = (1...4).map { buffers.input($0, as: Float.self) }
    let y = buffers.output(0, as: Float.self)
    let (runningMean, runningVariance) = (floats(buffers.outputs, 1), floats(buffers.outputs, 2))
    return {
      for channel in 0..<channels {
        var (sum, squares) = (0.0, 0.0)
        for row in 0..<rows {
          let plane = x + (row * channels + channel) * pixels
          for pixel in 0..<pixels { sum += Double(plane[pixel]) }
        }
        let mean = sum / Double(rows * pixels)
        for row in 0..<rows {
          let plane = x + (row * channels + channel) * pixels
          for pixel in 0..<pixels {
            squares += (Double(plane[pixel]) - mean) * (Double(plane[pixel]) - mean)
          }
        }
        let variance = squares / Double(rows * pixels)
        let slope = Double(parameters[0][channel]) / (variance + Double(epsilon)).squareRoot()
        for row in 0..<rows {
          let start = (row * channels + channel) * pixels
          for place in start..<start + pixels {
            y[place] = Float((Double(x[place]) - mean) * slope) + parameters[1][channel]
          }
        }
        let share = 1 - momentum
        runningMean?[channel] = parameters[2][channel] * momentum + Float(mean) * share
        runningVariance?[channel] = parameters[3][channel] * momentum + Float(variance) * share
      }
    }
  }
}
