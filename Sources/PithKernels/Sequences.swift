public import PithTensors

/// Output 0 is input 0 (outer axes A and B first, in either order) with the first places along the
/// time axis in reverse order, as many as input 1 (int64) says for each place of the batch axis.
public func reverseSequenceKernel(timeAxis: Int, _ request: KernelRequest) throws(KernelError)
  -> KernelPlan
{
  let (data, lengths) = (try request.input(0), try request.input(1))
  let element = try data.dtype.elementBytes()
  let (times, batches) = (data.shape[timeAxis], data.shape[1 - timeAxis])
  let run = data.shape.dimensions[2...].reduce(1, *) * element
  let (timeStep, batchStep) =
    timeAxis == 0 ? (batches * run, run) : (run, times * run)
  let count = run > 0 ? batches : 0
  guard lengths.dtype == .int64, lengths.shape.count == batches else {
    throw .unsupported("lengths of type \(lengths.dtype.rawValue)")
  }
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "reverse"
  ) { buffers in
    let (from, to) = (buffers.inputs[0]!, buffers.outputs[0]!)
    let lengths = buffers.input(1, as: Int64.self)
    return {
      for batch in 0..<count {
        let length = Int(min(max(lengths[batch], 0), Int64(times)))
        for time in 0..<times {
          let source = time < length ? length - 1 - time : time
          (to + batch * batchStep + time * timeStep).copyMemory(
            from: from + batch * batchStep + source * timeStep, byteCount: run)
        }
      }
    }
  }
}

/// Output 0 is input 0, a cache (N, outer..., length, run...), with the sequence of input 1
/// written at each batch entry's position, which input 2 (int64; zeros where absent) gives. A
/// circular cache goes on at its start; otherwise what lies outside is left out.
public func cacheUpdateKernel(axis: Int, circular: Bool, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  let (cache, update) = (try request.input(0), try request.input(1))
  let element = try cache.dtype.elementBytes()
  let outer = cache.shape.dimensions[1..<axis].reduce(1, *)
  let (batches, length, steps) = (cache.shape[0], cache.shape[axis], update.shape[axis])
  let run = cache.shape.dimensions[(axis + 1)...].reduce(1, *) * element
  let bytes = cache.layout.bytes
  if request.hasInput(2), try request.input(2).dtype != .int64 {
    throw .unsupported("positions that are not int64")
  }
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs,
    sharing: [.init(input: 0, output: 0)], implementation: "cache"
  ) { buffers in
    let (from, new, to) = (buffers.inputs[0]!, buffers.inputs[1]!, buffers.outputs[0]!)
    let second = buffers.inputs.count > 2 ? buffers.inputs[2] : nil
    let positions = second?.assumingMemoryBound(to: Int64.self)
    return {
      if from != to { to.copyMemory(from: from, byteCount: bytes) }
      guard length > 0, run > 0 else { return }
      for row in 0..<(batches * outer) {
        let position = positions?[row / outer] ?? 0
        for step in 0..<steps {
          var place = position.addingReportingOverflow(Int64(step)).partialValue
          if circular {
            place %= Int64(length)
            if place < 0 { place += Int64(length) }
          }
          guard place >= 0, place < length else { continue }
          (to + (row * length + Int(place)) * run).copyMemory(
            from: new + (row * steps + step) * run, byteCount: run)
        }
      }
    }
  }
}
