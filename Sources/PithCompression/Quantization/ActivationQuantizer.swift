/// Scale and zero point of an unsigned 8-bit integer: x is (q - zero) scale.
struct ActivationQuantizer {
  let scale: Float
  let zero: UInt8

  /// Spreads 256 levels over a range that holds zero; one of them is zero itself.
  init(_ range: ClosedRange<Float>) {
    let step = (range.upperBound - range.lowerBound) / 255
    // A value that was never anything but zero, or so near it that products of its step and a
    // weight's would leave the range of a float.
    scale = step >= 1e-15 ? step : 1
    zero = UInt8(max(0, min(255, (-range.lowerBound / scale).rounded(.toNearestOrEven))))
  }
}
