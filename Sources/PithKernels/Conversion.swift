public import PithTensors

/// Output 0 is input 0 converted to the output's element type as ONNX's Cast does: floats truncate
/// towards zero, narrowing integers wrap, everything but zero is true. Row-major.
///
/// Elements pass through a small scratch buffer, as doubles or, between integers, as 64-bit ones.
public func conversionKernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
  let (from, to) = (try request.input(0), try request.output(0))
  if from.dtype == to.dtype { return copyKernel(request) }
  guard from.dtype != .string, to.dtype != .string else {
    throw .unsupported("conversion from \(from.dtype.rawValue) to \(to.dtype.rawValue)")
  }
  let count = from.shape.count
  let exact = !from.dtype.isFloatingPoint && !to.dtype.isFloatingPoint
  let (loadWhole, storeWhole) = (from.dtype.loadWhole, to.dtype.storeWhole)
  let (loadNumber, storeNumber) = (from.dtype.loadNumber, to.dtype.storeNumber)
  return KernelPlan(
    inputs: request.plainFirstInput, outputs: request.plainOutputs,
    scratchBytes: chunkSize * MemoryLayout<Double>.stride, implementation: "reference"
  ) { buffers in
    let source = UnsafeRawPointer(buffers.inputs[0]!)
    let target = buffers.outputs[0]!
    let whole = buffers.scratch!.assumingMemoryBound(to: Int64.self)
    let number = buffers.scratch!.assumingMemoryBound(to: Double.self)
    return {
      for start in stride(from: 0, to: count, by: chunkSize) {
        let range = start..<min(start + chunkSize, count)
        if exact {
          loadWhole(source, range, whole)
          storeWhole(whole, range, target)
        } else {
          loadNumber(source, range, number)
          storeNumber(number, range, target)
        }
      }
    }
  }
}

/// Elements converted at a time; even, so that chunks of four-bit integers begin on a byte.
private let chunkSize = 256

private typealias Load<Stage> = (UnsafeRawPointer, Range<Int>, UnsafeMutablePointer<Stage>) -> Void
private typealias Store<Stage> =
  (UnsafeMutablePointer<Stage>, Range<Int>, UnsafeMutableRawPointer) -> Void

private func load<Element, Stage>(
  _: Element.Type, _ convert: @escaping (Element) -> Stage
) -> Load<Stage> {
  { source, range, stage in
    let elements = source.assumingMemoryBound(to: Element.self)
    for index in range { stage[index - range.lowerBound] = convert(elements[index]) }
  }
}

private func store<Element, Stage>(
  _: Element.Type, _ convert: @escaping (Stage) -> Element
) -> Store<Stage> {
  { stage, range, target in
    let elements = target.assumingMemoryBound(to: Element.self)
    for index in range { elements[index] = convert(stage[index - range.lowerBound]) }
  }
}

private func loadNibble<Stage>(_ convert: @escaping (UInt8) -> Stage) -> Load<Stage> {
  { source, range, stage in
    let bytes = source.assumingMemoryBound(to: UInt8.self)
    for index in range {
      let byte = bytes[index / 2]
      stage[index - range.lowerBound] = convert(index % 2 == 0 ? byte & 15 : byte >> 4)
    }
  }
}

private func storeNibble<Stage>(_ convert: @escaping (Stage) -> Int64) -> Store<Stage> {
  { stage, range, target in
    let bytes = target.assumingMemoryBound(to: UInt8.self)
    for index in range {
      let nibble = UInt8(truncatingIfNeeded: convert(stage[index - range.lowerBound]) & 15)
      if index % 2 == 0 { bytes[index / 2] = nibble } else { bytes[index / 2] |= nibble << 4 }
    }
  }
}

/// The whole number below in magnitude; clamped, NaN gives 0.
private func truncated(_ x: Double) -> Int64 {
  x.isNaN ? 0 : Int64(exactly: x.rounded(.towardZero)) ?? (x < 0 ? .min : .max)
}

private func signed(_ nibble: UInt8) -> Int64 { nibble > 7 ? Int64(nibble) - 16 : Int64(nibble) }

private func whole<Element: FixedWidthInteger>(_: Element.Type) -> (Load<Int64>, Store<Int64>) {
  (
    load(Element.self) { Int64(truncatingIfNeeded: $0) },
    store(Element.self) { Element(truncatingIfNeeded: $0) }
  )
}

private func number<Element: FixedWidthInteger>(_: Element.Type) -> (Load<Double>, Store<Double>) {
  (
    load(Element.self) { Double($0) },
    store(Element.self) { (x: Double) in Element(truncatingIfNeeded: truncated(x)) }
  )
}

extension DType {
  private var wholeStage: (Load<Int64>, Store<Int64>) {
    switch self {
    case .int8: whole(Int8.self)
    case .uint8: whole(UInt8.self)
    case .int16: whole(Int16.self)
    case .uint16: whole(UInt16.self)
    case .int32: whole(Int32.self)
    case .uint32: whole(UInt32.self)
    case .uint64: whole(UInt64.self)
    case .int4: (loadNibble(signed), storeNibble { $0 })
    case .uint4: (loadNibble { Int64($0) }, storeNibble { $0 })
    case .bool:
      (load(UInt8.self) { $0 == 0 ? 0 : 1 }, store(UInt8.self) { $0 == 0 ? 0 : 1 })
    default: whole(Int64.self)
    }
  }

  private var numberStage: (Load<Double>, Store<Double>) {
    switch self {
    case .float32: (load(Float.self) { Double($0) }, store(Float.self) { Float($0) })
    case .float64: (load(Double.self) { $0 }, store(Double.self) { $0 })
    case .float16:
      (
        load(UInt16.self) { Double(Float(halfBits: $0)) },
        store(UInt16.self) { Float($0).halfBits }
      )
    case .bfloat16:
      (
        load(UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) },
        store(UInt16.self) { Float($0).brainBits }
      )
    case .int8: number(Int8.self)
    case .uint8: number(UInt8.self)
    case .int16: number(Int16.self)
    case .uint16: number(UInt16.self)
    case .int32: number(Int32.self)
    case .uint32: number(UInt32.self)
    case .uint64: number(UInt64.self)
    case .int4: (loadNibble { Double(signed($0)) }, storeNibble(truncated))
    case .uint4: (loadNibble { Double($0) }, storeNibble(truncated))
    case .bool:
      (load(UInt8.self) { $0 == 0 ? 0 : 1 }, store(UInt8.self) { $0 == 0 ? 0 : 1 })
    case .int64, .string: number(Int64.self)
    }
  }

  fileprivate var loadWhole: Load<Int64> { wholeStage.0 }
  fileprivate var storeWhole: Store<Int64> { wholeStage.1 }
  fileprivate var loadNumber: Load<Double> { numberStage.0 }
  fileprivate var storeNumber: Store<Double> { numberStage.1 }
}
