public import PithTensors

extension Tensor {
  /// The given places along an axis, in the given order.
  public func selecting(_ places: [Int], axis: Int) -> Tensor {
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    let outer = shape.dimensions[..<axis].reduce(1, *)
    let extent = shape[axis]
    var selected = shape
    selected[axis] = places.count
    let isPacked = dtype.bits < 8
    if dtype == .string { return self }
    if isPacked {
      let values = integers
      var chosen: [Int] = []
      chosen.reserveCapacity(selected.count)
      for row in 0..<outer {
        for place in places {
          let start = (row * extent + place) * inner
          chosen += values[start..<(start + inner)]
        }
      }
      return Tensor(packing: chosen, dtype, selected)
    }
    let bytes = inner * dtype.bits / 8
    var result = Tensor(dtype, selected, zeroed: false)
    readBytes { source in
      result.updateBytes { target in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        for row in 0..<outer {
          for (index, place) in places.enumerated() {
            (to + (row * places.count + index) * bytes).copyMemory(
              from: from + (row * extent + place) * bytes, byteCount: bytes)
          }
        }
      }
    }
    return result
  }
}
