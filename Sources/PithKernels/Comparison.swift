public import PithTensors

/// How two values are compared.
public enum Comparison: Sendable, Hashable {
  case equal, less, lessOrEqual, greater, greaterOrEqual
}

/// Output 0 (bool) tells where inputs 0 and 1, stretched to a common shape, compare as asked.
public func comparisonKernel(_ comparison: Comparison, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  switch try request.input(0).dtype {
  case .float32: try comparisonKernel(comparison, request, as: Float.self)
  case .float64: try comparisonKernel(comparison, request, as: Double.self)
  case .int8: try comparisonKernel(comparison, request, as: Int8.self)
  case .uint8: try comparisonKernel(comparison, request, as: UInt8.self)
  case .int16: try comparisonKernel(comparison, request, as: Int16.self)
  case .uint16: try comparisonKernel(comparison, request, as: UInt16.self)
  case .int32: try comparisonKernel(comparison, request, as: Int32.self)
  case .uint32: try comparisonKernel(comparison, request, as: UInt32.self)
  case .int64: try comparisonKernel(comparison, request, as: Int64.self)
  case .uint64: try comparisonKernel(comparison, request, as: UInt64.self)
  case .bool where comparison == .equal:
    try pointwiseKernel(request, as: Bool.self) { $0 == $1 }
  case let other: throw .unsupported("comparison of \(other.rawValue) elements")
  }
}

private func comparisonKernel<Element: TensorElement & Comparable>(
  _ comparison: Comparison, _ request: KernelRequest, as type: Element.Type
) throws(KernelError) -> KernelPlan {
  switch comparison {
  case .equal: try pointwiseKernel(request, as: type) { $0 == $1 }
  case .less: try pointwiseKernel(request, as: type) { $0 < $1 }
  case .lessOrEqual: try pointwiseKernel(request, as: type) { $0 <= $1 }
  case .greater: try pointwiseKernel(request, as: type) { $0 > $1 }
  case .greaterOrEqual: try pointwiseKernel(request, as: type) { $0 >= $1 }
  }
}
