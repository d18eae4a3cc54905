public import PithTensors

/// Maxima put back where they stood: input 0 holds them, input 1 (int64) their places in a value of
/// the shape `pooled`, which is the leading corner of output 0. Everything else is zero, places that
/// are not there are left out; with `adding`, what meets at one place is summed.
public func maxUnpoolingKernel(
  pooled: Shape, adding: Bool = false, _ request: KernelRequest
) throws(KernelError) -> KernelPlan {
  let places = try Corner(pooled, request.output(0).shape)
  let count = try request.input(0).shape.count
  let total = try request.output(0).shape.count
  try checkTypes(request)
  return KernelPlan(
    inputs: request.plainInputs.enumerated().map { $0.offset < 2 ? $0.element : nil },
    outputs: request.plainOutputs, implementation: "reference"
  ) { buffers in
    let x = buffers.input(0, as: Float.self)
    let indices = buffers.input(1, as: Int64.self)
    let y = buffers.output(0, as: Float.self)
    return {
      for place in 0..<total { y[place] = 0 }
      for index in 0..<count {
        guard let place = places[indices[index]] else { continue }
        y[place] = adding ? y[place] + x[index] : x[index]
      }
    }
  }
}

/// dL/d(maxima) of the same: inputs are dL/dy and the places.
public func maxUnpoolingGradientKernel(pooled: Shape, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  let places = try Corner(pooled, request.input(0).shape)
  let count = try request.output(0).shape.count
  try checkTypes(request)
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "reference"
  ) { buffers in
    let upstream = buffers.input(0, as: Float.self)
    let indices = buffers.input(1, as: Int64.self)
    let gradient = buffers.output(0, as: Float.self)
    return {
      for index in 0..<count { gradient[index] = places[indices[index]].map { upstream[$0] } ?? 0 }
    }
  }
}

private func checkTypes(_ request: KernelRequest) throws(KernelError) {
  let (values, places) = (try request.input(0), try request.input(1))
  guard values.dtype == .float32, places.dtype == .int64 else {
    throw .unsupported("unpooling of \(values.dtype.rawValue) at \(places.dtype.rawValue)")
  }
}

/// Places of a value of one shape as those of a larger one that holds it in its leading corner.
private struct Corner {
  private let extents: [Int]
  private let steps: [Int]
  private let limits: [Int]
  private let count: Int

  init(_ inner: Shape, _ outer: Shape) throws(KernelError) {
    guard inner.rank == outer.rank, let count = inner.checkedCount else {
      throw .unsupported("unpooling of shape \(inner) into \(outer)")
    }
    extents = inner.dimensions
    limits = outer.dimensions
    steps = outer.strides
    self.count = count
  }

  subscript(place: Int64) -> Int? {
    guard place >= 0, place < count else { return nil }
    if extents == limits { return Int(place) }
    var (rest, result) = (Int(place), 0)
    for axis in extents.indices.reversed() {
      let coordinate = rest % extents[axis]
      guard coordinate < limits[axis] else { return nil }
      result += coordinate * steps[axis]
      rest /= extents[axis]
    }
    return result
  }
}
