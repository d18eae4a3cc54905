import PithTensors

extension Pooling {
  /// Multiplies a pooled value (row-major) by `scale` in passing.
  func scalingResult(of plan: KernelPlan, _ scale: [Float]) throws(KernelError) -> KernelPlan {
    guard let layout = plan.outputs[0], layout.isPlain else {
      throw .unsupported("scaled pooling in a blocked layout")
    }
    var plan = plan
    let (bind, count) = (plan.bind, layout.bytes / MemoryLayout<Float>.stride)
    plan.bind = { (buffers) throws(KernelError) in
      let pool = try bind(buffers)
      let result = buffers.output(0, as: Float.self)
      return {
        pool()
        multiply(result, by: scale, from: result, count: count)
      }
    }
    return plan
  }

  /// Multiplies the gradient that comes in (row-major) by `scale` before it is used.
  func scalingGradient(of plan: KernelPlan, _ scale: [Float]) throws(KernelError) -> KernelPlan {
    guard let layout = plan.inputs[0], layout.isPlain else {
      throw .unsupported("scaled pooling in a blocked layout")
    }
    var plan = plan
    let (bind, count) = (plan.bind, layout.bytes / MemoryLayout<Float>.stride)
    // The scaled gradient stands in front of the library's own scratch memory.
    let reserved = (layout.bytes + 63) / 64 * 64
    plan.scratchBytes += reserved
    plan.bind = { (buffers) throws(KernelError) in
      var moved = buffers
      moved.inputs[0] = buffers.scratch
      moved.scratch = buffers.scratch.map { $0 + reserved }
      let pool = try bind(moved)
      let (upstream, scaled) = (buffers.input(0, as: Float.self), moved.input(0, as: Float.self))
      return {
        multiply(scaled, by: scale, from: upstream, count: count)
        pool()
      }
    }
    return plan
  }
}

private func multiply(
  _ result: UnsafeMutablePointer<Float>, by scale: [Float], from source: UnsafePointer<Float>,
  count: Int
) {
  scale.withUnsafeBufferPointer { scale in
    for start in stride(from: 0, to: count, by: max(scale.count, 1)) {
      for place in 0..<scale.count {
        result[start + place] = source[start + place] * scale[place]
      }
    }
  }
}
