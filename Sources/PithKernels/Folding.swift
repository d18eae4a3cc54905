public import PithTensors

/// Where each element of a matrix of columns (what a sliding window saw: window places by
/// positions) lies in an image; -1 where it lies in the padding.
public struct ColumnPlaces: Sendable, Hashable {
  public var places: [Int32]
  /// Elements of one image plane.
  public var planeCount: Int

  public init(places: [Int32], planeCount: Int) {
    self.places = places
    self.planeCount = planeCount
  }
}

/// Output 0 (planes..., image) is, at each place, the sum of the elements of input 0 (planes...,
/// columns) that lie there.
public func foldKernel(_ columns: ColumnPlaces, planes: Int, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  try moving(request) { x, y in
    for plane in 0..<planes {
      let (from, to) = (x + plane * columns.places.count, y + plane * columns.planeCount)
      for place in 0..<columns.planeCount { to[place] = 0 }
      for (index, place) in columns.places.enumerated() where place >= 0 {
        to[Int(place)] += from[index]
      }
    }
  }
}

/// Output 0 (planes..., columns) is, at each place, the element of input 0 (planes..., image) that
/// lies there; zero in the padding.
public func unfoldKernel(_ columns: ColumnPlaces, planes: Int, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  try moving(request) { x, y in
    for plane in 0..<planes {
      let (from, to) = (x + plane * columns.planeCount, y + plane * columns.places.count)
      for (index, place) in columns.places.enumerated() {
        to[index] = place < 0 ? 0 : from[Int(place)]
      }
    }
  }
}

private func moving(
  _ request: KernelRequest,
  _ move: @escaping (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
) throws(KernelError) -> KernelPlan {
  let data = try request.input(0)
  guard data.dtype == .float32 else { throw .unsupported("\(data.dtype.rawValue) elements") }
  return KernelPlan(
    inputs: request.plainFirstInput, outputs: request.plainOutputs, implementation: "reference"
  ) { buffers in
    let (x, y) = (buffers.input(0, as: Float.self), buffers.output(0, as: Float.self))
    return { move(x, y) }
  }
}

extension Window {
  /// Where what the window sees at each of its positions lies in an image plane.
  public func columnPlaces(image: [Int], positions: [Int]) -> ColumnPlaces {
    let plane = Shape(image)
    let strides = plane.strides
    let (windows, steps) = (Shape(kernel), Shape(positions))
    let (inner, outer) = (windows.strides, steps.strides)
    var places: [Int32] = []
    places.reserveCapacity(windows.count * steps.count)
    for inside in 0..<windows.count {
      for position in 0..<steps.count {
        var place = 0
        for axis in strides.indices where place >= 0 {
          let at =
            position / outer[axis] % positions[axis] * self.strides[axis]
            + inside / inner[axis] % kernel[axis] * dilations[axis] - padsBegin[axis]
          place = (0..<image[axis]).contains(at) ? place + at * strides[axis] : -1
        }
        places.append(Int32(place))
      }
    }
    return ColumnPlaces(places: places, planeCount: plane.count)
  }
}
