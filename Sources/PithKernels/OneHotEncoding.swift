public import PithTensors

/// Output 0 has, along `axis`, input 1's second element at the place that input 0 names, and its
/// first elsewhere. Places of either sign; those outside name none.
public func oneHotKernel(axis: Int, _ request: KernelRequest) throws(KernelError) -> KernelPlan {
  let (indices, result) = (try request.input(0), try request.output(0))
  let read = try indices.dtype.indexReader()
  let element = try result.dtype.elementBytes()
  let depth = result.shape[axis]
  let inner = result.shape.dimensions[(axis + 1)...].reduce(1, *)
  let (count, rows) = (result.shape.count, indices.shape.count)
  var inputs = request.plainInputs
  if inputs.count > 1 { inputs[1] = nil }
  return KernelPlan(
    inputs: inputs, outputs: request.plainOutputs, implementation: "one-hot"
  ) { buffers in
    let from = UnsafeRawPointer(buffers.inputs[0]!)
    let (values, to) = (buffers.inputs[2]!, buffers.outputs[0]!)
    return {
      for place in 0..<count {
        (to + place * element).copyMemory(from: values, byteCount: element)
      }
      for row in 0..<rows {
        var index = read(from, row)
        if index < 0 { index += depth }
        guard index >= 0, index < depth else { continue }
        let place = (row / inner * depth + index) * inner + row % inner
        (to + place * element).copyMemory(from: values + element, byteCount: element)
      }
    }
  }
}

extension DType {
  /// Reads an element as a whole number; what is none, or does not fit, becomes `Int.max`.
  func indexReader() throws(KernelError) -> (UnsafeRawPointer, Int) -> Int {
    func whole<Element: FixedWidthInteger>(_: Element.Type) -> (UnsafeRawPointer, Int) -> Int {
      { Int(exactly: $0.assumingMemoryBound(to: Element.self)[$1]) ?? .max }
    }
    func number<Element: BinaryFloatingPoint>(_: Element.Type) -> (UnsafeRawPointer, Int) -> Int {
      { Int(exactly: $0.assumingMemoryBound(to: Element.self)[$1]) ?? .max }
    }
    switch self {
    case .int8: return whole(Int8.self)
    case .uint8: return whole(UInt8.self)
    case .int16: return whole(Int16.self)
    case .uint16: return whole(UInt16.self)
    case .int32: return whole(Int32.self)
    case .uint32: return whole(UInt32.self)
    case .int64: return whole(Int64.self)
    case .uint64: return whole(UInt64.self)
    case .float32: return number(Float.self)
    case .float64: return number(Double.self)
    default: throw .unsupported("indices of type \(rawValue)")
    }
  }
}
