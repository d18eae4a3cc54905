import PithTensors

/// Where the values of samples lie.
enum Samples: Sendable {
  /// In memory, (N, C, H, W), bytes or floats.
  case stored(Tensor)
  /// Bytes in memory, (N, C, H, W), brought to another size when they are read.
  case resized(Tensor, Fitting)
  /// In image files, decoded when they are read.
  case files(ImageFiles)

  var elementType: DType {
    switch self {
    case .stored(let values): values.dtype
    case .resized, .files: .uint8
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
    case .resized(let values, let fitting):
      let output = scratch.bindMemory(to: UInt8.self)
      values.read(as: UInt8.self) { bytes in
        guard let input = bytes.baseAddress, let output = output.baseAddress else { return }
        let shape = values.shape
        fitting.apply(
          input + place * shape[1] * shape[2] * shape[3], channels: shape[1], height: shape[2],
          width: shape[3], to: output)
      }
      body(UnsafeRawBufferPointer(scratch))
    case .files(let files):
      try files.decode(place, into: scratch.bindMemory(to: UInt8.self))
      body(UnsafeRawBufferPointer(scratch))
    }
  }
}
