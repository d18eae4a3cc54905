public import PithTensors

/// Whether the largest or the smallest value is taken.
public enum Extremum: Sendable, Hashable {
  case maximum, minimum

  /// Whether `candidate` replaces `current`; a NaN always does.
  @inline(__always)
  func prefers<Element: Comparable>(_ candidate: Element, to current: Element) -> Bool {
    candidate != candidate
      || (self == .maximum ? candidate > current : candidate < current)
  }
}

/// Output 0 is the largest or smallest of all inputs, stretched to a common shape.
public func extremumKernel(_ function: Extremum, _ request: KernelRequest) throws(KernelError)
  -> KernelPlan
{
  let operand = try request.input(0)
  if request.inputs.count == 1 { return copyKernel(request) }
  switch operand.dtype {
  case .float32:
    if request.inputs.count == 2 {
      return try binaryKernel(function == .maximum ? .maximum : .minimum, request)
    }
    return try extremumKernel(function, request, as: Float.self)
  case .float64: return try extremumKernel(function, request, as: Double.self)
  case .int8: return try extremumKernel(function, request, as: Int8.self)
  case .uint8: return try extremumKernel(function, request, as: UInt8.self)
  case .int16: return try extremumKernel(function, request, as: Int16.self)
  case .uint16: return try extremumKernel(function, request, as: UInt16.self)
  case .int32: return try extremumKernel(function, request, as: Int32.self)
  case .uint32: return try extremumKernel(function, request, as: UInt32.self)
  case .int64: return try extremumKernel(function, request, as: Int64.self)
  case .uint64: return try extremumKernel(function, request, as: UInt64.self)
  case let other: throw .unsupported("extremum of \(other.rawValue) elements")
  }
}

private func extremumKernel<Element: TensorElement & Comparable>(
  _ function: Extremum, _ request: KernelRequest, as _: Element.Type
) throws(KernelError) -> KernelPlan {
  let result = try request.output(0).shape
  let operands = try stretchedInputs(request, from: 0, to: result)
  let count = result.count
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "reference"
  ) { buffers in
    let sources = operands.indices.map { buffers.input($0, as: Element.self) }
    let output = buffers.output(0, as: Element.self)
    return {
      for (slot, operand) in operands.enumerated() {
        let source = sources[slot]
        for index in 0..<count {
          let candidate = source[operand[index]]
          if slot == 0 || function.prefers(candidate, to: output[index]) {
            output[index] = candidate
          }
        }
      }
    }
  }
}

/// Inputs: dL/dy, then the values; output: dL/dy where the value at `index` is the extreme one, the
/// first of equal ones, else zero.
public func extremumGradientKernel(_ function: Extremum, index: Int, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  let result = try request.output(0).shape
  guard try request.output(0).dtype == .float32 else { throw .unsupported("gradients but float32") }
  let operands = try stretchedInputs(request, from: 1, to: result)
  let count = result.count
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "reference"
  ) { buffers in
    let upstream = buffers.input(0, as: Float.self)
    let sources = operands.indices.map { buffers.input($0 + 1, as: Float.self) }
    let output = buffers.output(0, as: Float.self)
    return {
      for place in 0..<count {
        var chosen = 0
        var extreme = sources[0][operands[0][place]]
        for slot in 1..<operands.count {
          let candidate = sources[slot][operands[slot][place]]
          if function.prefers(candidate, to: extreme) { (chosen, extreme) = (slot, candidate) }
        }
        output[place] = chosen == index ? upstream[place] : 0
      }
    }
  }
}

func stretchedInputs(_ request: KernelRequest, from first: Int, to result: Shape)
  throws(KernelError) -> [StretchedOperand]
{
  var operands: [StretchedOperand] = []
  for slot in first..<request.inputs.count {
    operands.append(StretchedOperand(try request.input(slot).shape, to: result))
  }
  return operands
}
