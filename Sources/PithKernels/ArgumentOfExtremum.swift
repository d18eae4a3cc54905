public import PithTensors

/// Which element along an axis is looked for.
public struct Extremal: Sendable, Hashable {
  /// Whether it is the smallest, not the largest.
  public var isMinimum: Bool
  /// Whether the last of equal elements is taken, not the first.
  public var takesLast: Bool

  public init(isMinimum: Bool = false, takesLast: Bool = false) {
    self.isMinimum = isMinimum
    self.takesLast = takesLast
  }
}

/// Output 0 (int64) is the place along one axis of the extremal element of input 0. A NaN counts as
/// more extreme than any number.
public func argumentKernel(axis: Int, _ extremal: Extremal, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  try places(axis, extremal, request) { buffers, _, _ in
    let y = buffers.output(0, as: Int64.self)
    return { row, best in y[row] = Int64(best) }
  }
}

/// Is told the extremal place of each row.
private typealias Receiver = (_ row: Int, _ place: Int) -> Void

private func places(
  _ axis: Int, _ extremal: Extremal, _ request: KernelRequest,
  _ receiver: @escaping (Buffers, _ inner: Int, _ extent: Int) -> Receiver
) throws(KernelError) -> KernelPlan {
  switch try request.input(0).dtype {
  case .float32: try places(axis, extremal, request, as: Float.self, receiver)
  case .float64: try places(axis, extremal, request, as: Double.self, receiver)
  case .int8: try places(axis, extremal, request, as: Int8.self, receiver)
  case .uint8: try places(axis, extremal, request, as: UInt8.self, receiver)
  case .int16: try places(axis, extremal, request, as: Int16.self, receiver)
  case .uint16: try places(axis, extremal, request, as: UInt16.self, receiver)
  case .int32: try places(axis, extremal, request, as: Int32.self, receiver)
  case .uint32: try places(axis, extremal, request, as: UInt32.self, receiver)
  case .int64: try places(axis, extremal, request, as: Int64.self, receiver)
  case .uint64: try places(axis, extremal, request, as: UInt64.self, receiver)
  case let other: throw .unsupported("the extreme of \(other.rawValue) elements")
  }
}

private func places<Element: TensorElement & Comparable>(
  _ axis: Int, _ extremal: Extremal, _ request: KernelRequest, as _: Element.Type,
  _ receiver: @escaping (Buffers, _ inner: Int, _ extent: Int) -> Receiver
) throws(KernelError) -> KernelPlan {
  let shape = try request.input(0).shape
  let dimensions = shape.rank == 0 ? [1] : shape.dimensions
  let outer = dimensions[..<axis].reduce(1, *)
  let inner = dimensions[(axis + 1)...].reduce(1, *)
  let extent = dimensions[axis]
  guard extent > 0 || outer * inner == 0 else {
    throw .unsupported("the extreme of no elements")
  }
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "reference"
  ) { buffers in
    let x = buffers.input(0, as: Element.self)
    let receive = receiver(buffers, inner, extent)
    return {
      for row in 0..<(outer * inner) {
        let elements = x + (row / inner * extent * inner + row % inner)
        var best = 0
        for candidate in 1..<max(extent, 1) {
          let (a, b) = (elements[candidate * inner], elements[best * inner])
          let isBetter = extremal.isMinimum ? a < b : a > b
          if isBetter || (extremal.takesLast && a == b) || (a != a && b == b) { best = candidate }
        }
        receive(row, best)
      }
    }
  }
}
