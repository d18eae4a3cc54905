public import PithTensors

/// How running totals along an axis are made.
public struct Accumulation: Sendable, Hashable {
  /// Whether elements are multiplied, not added.
  public var multiplies: Bool
  /// Whether an element is left out of its own total.
  public var isExclusive: Bool
  /// Whether totals run from the end of the axis.
  public var isReversed: Bool

  public init(multiplies: Bool = false, isExclusive: Bool = false, isReversed: Bool = false) {
    self.multiplies = multiplies
    self.isExclusive = isExclusive
    self.isReversed = isReversed
  }
}

/// Output 0 is the running totals of input 0 along one axis; whole numbers wrap around.
public func accumulationKernel(axis: Int, _ accumulation: Accumulation, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  let (first, isProduct) = (accumulation.multiplies ? 1 : 0, accumulation.multiplies)
  switch try request.input(0).dtype {
  case .float32:
    return try running(axis, accumulation, request, Float(first)) { isProduct ? $0 * $1 : $0 + $1 }
  case .float64:
    return try running(axis, accumulation, request, Double(first)) { isProduct ? $0 * $1 : $0 + $1 }
  case .int32:
    return try running(axis, accumulation, request, Int32(first)) {
      isProduct ? $0 &* $1 : $0 &+ $1
    }
  case .uint32:
    return try running(axis, accumulation, request, UInt32(first)) {
      isProduct ? $0 &* $1 : $0 &+ $1
    }
  case .int64:
    return try running(axis, accumulation, request, Int64(first)) {
      isProduct ? $0 &* $1 : $0 &+ $1
    }
  case .uint64:
    return try running(axis, accumulation, request, UInt64(first)) {
      isProduct ? $0 &* $1 : $0 &+ $1
    }
  case let other: throw .unsupported("running totals of \(other.rawValue) elements")
  }
}

private func running<Element: TensorElement>(
  _ axis: Int, _ accumulation: Accumulation, _ request: KernelRequest, _ first: Element,
  _ combine: @escaping (Element, Element) -> Element
) throws(KernelError) -> KernelPlan {
  let shape = try request.input(0).shape
  let outer = shape.dimensions[..<axis].reduce(1, *)
  let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
  let extent = shape[axis]
  let rows = extent > 0 ? outer * inner : 0
  return KernelPlan(
    inputs: request.plainFirstInput, outputs: request.plainOutputs,
    sharing: [.init(input: 0, output: 0)], implementation: "reference"
  ) { buffers in
    let x = buffers.input(0, as: Element.self)
    let y = buffers.output(0, as: Element.self)
    return {
      for row in 0..<rows {
        var place = row / inner * extent * inner + row % inner
        var step = inner
        if accumulation.isReversed {
          place += (extent - 1) * inner
          step = -inner
        }
        var total = first
        for _ in 0..<extent {
          let next = combine(total, x[place])
          y[place] = accumulation.isExclusive ? total : next
          total = next
          place += step
        }
      }
    }
  }
}
