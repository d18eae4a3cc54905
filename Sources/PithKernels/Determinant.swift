public import PithTensors

/// Output 0 is the determinant of each square matrix of the last two axes of input 0, by
/// elimination in double precision.
public func determinantKernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
  switch try request.input(0).dtype {
  case .float32: try determinants(request, as: Float.self)
  case .float64: try determinants(request, as: Double.self)
  case let other: throw .unsupported("\(other.rawValue) elements")
  }
}

private func determinants<Element: TensorElement & BinaryFloatingPoint>(
  _ request: KernelRequest, as _: Element.Type
) throws(KernelError) -> KernelPlan {
  let shape = try request.input(0).shape
  let size = shape[shape.rank - 1]
  let count = try request.output(0).shape.count
  return KernelPlan(
    inputs: request.plainFirstInput, outputs: request.plainOutputs,
    scratchBytes: max(size * size, 1) * MemoryLayout<Double>.stride, implementation: "reference"
  ) { buffers in
    let x = buffers.input(0, as: Element.self)
    let y = buffers.output(0, as: Element.self)
    let matrix = buffers.scratch!.assumingMemoryBound(to: Double.self)
    return {
      for index in 0..<count {
        for place in 0..<(size * size) { matrix[place] = Double(x[index * size * size + place]) }
        y[index] = Element(determinant(matrix, size))
      }
    }
  }
}

/// Gauss's elimination with the largest pivot of each column; the matrix is used up.
private func determinant(_ matrix: UnsafeMutablePointer<Double>, _ size: Int) -> Double {
  var result = 1.0
  for column in 0..<size {
    var pivot = column
    for row in column..<size
    where matrix[row * size + column].magnitude > matrix[pivot * size + column].magnitude {
      pivot = row
    }
    if pivot != column {
      result = -result
      for place in 0..<size {
        let other = matrix[pivot * size + place]
        matrix[pivot * size + place] = matrix[column * size + place]
        matrix[column * size + place] = other
      }
    }
    let leading = matrix[column * size + column]
    result *= leading
    guard leading != 0 else { return 0 }
    for row in column..<size where row > column {
      let factor = matrix[row * size + column] / leading
      for place in column..<size {
        matrix[row * size + place] -= factor * matrix[column * size + place]
      }
    }
  }
  return result
}
