import PithTensors

/// Where the values of samples lie.
enum Samples: Sendable {
  /// In memory, (N, C, H, W), bytes or floats.
  case stored(Tensor)

  var elementType: DType {
    switch self {
    case .stored(let values): values.dtype
    }
  }

  /// Calls `body` with the values of the sample at `place`. Where they are not in memory as they
  /// stand, they are put in `scratch` first, which has just their size.
  func withSample(
    _ place: Int, scratch: UnsafeMutableRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(DataError) {
    switch self {
    case .stored(let values):
      values.readBytes { bytes in
        let start = place * scratch.count
        body(UnsafeRawBufferPointer(rebasing: bytes[start..<start + scratch.count]))
      }
    }
  }
}
