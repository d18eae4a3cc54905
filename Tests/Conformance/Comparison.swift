import PithTensors

/// A result beside the one that ONNX gives.
struct Comparison {
  private let result: Tensor
  private let expected: Tensor

  init(_ result: Tensor, _ expected: Tensor) {
    self.result = result
    self.expected = expected
  }

  /// What differs, in words; nil when the two agree: same type, same shape, same whole numbers, and
  /// other numbers within `relative` of the expected one.
  var difference: String? {
    guard result.dtype == expected.dtype, result.shape == expected.shape else {
      return "\(result.dtype.rawValue)[\(result.shape)], expected "
        + "\(expected.dtype.rawValue)[\(expected.shape)]"
    }
    guard result.dtype.isFloatingPoint else {
      return result == expected ? nil : "\(text(result)), expected \(text(expected))"
    }
    for (index, (a, b)) in zip(result.doubles, expected.doubles).enumerated() {
      if a == b || (a.isNaN && b.isNaN) { continue }
      if !((a - b).magnitude <= absolute + relative * b.magnitude) || !b.isFinite {
        return "element \(index) is \(a), expected \(b)"
      }
    }
    return nil
  }

  /// ONNX's own tolerance; a unit in the last place is more than that for bfloat16.
  private var relative: Double { expected.dtype == .bfloat16 ? 8e-3 : 1e-3 }
  private var absolute: Double { 1e-5 }

  private func text(_ tensor: Tensor) -> String {
    tensor.dtype == .string ? "other words" : "\(tensor.integers.prefix(12))"
  }
}
