import PithTensors

extension Tensor {
  /// Whether every element is a number.
  var isFinite: Bool {
    dtype == .float32
      ? read(as: Float.self) { $0.allSatisfy(\.isFinite) } : floats.allSatisfy(\.isFinite)
  }
}
