import PithTensors

/// Symmetric 8-bit integers with one scale per place along an axis: w is q scale, q is -127...127.
struct WeightQuantizer {
  let axis: Int
  let scales: [Float]
  private let channels: Int
  private let inner: Int

  /// - Parameter smallest: a lower bound of each scale; those of the largest weights where nil.
  init(_ weight: Tensor, axis: Int, smallest: [Float]? = nil) {
    self.axis = axis
    inner = weight.shape.dimensions[(axis + 1)...].reduce(1, *)
    channels = weight.shape[axis]
    var largest = [Float](repeating: 0, count: channels)
    for (index, value) in weight.floats.enumerated() {
      let channel = index / inner % channels
      largest[channel] = max(largest[channel], value.magnitude)
    }
    scales = largest.indices.map { channel in
      let scale = max(largest[channel] / 127, smallest?[channel] ?? 0)
      return scale >= 1e-20 && scale.isFinite ? scale : 1
    }
  }

  /// The integers of a weight, in its shape.
  func integers(of weight: Tensor) -> Tensor {
    let integers = weight.floats.enumerated().map { index, value in
      let quotient = (value / scales[index / inner % channels]).rounded(.toNearestOrEven)
      return Int8(max(-127, min(127, quotient)))
    }
    return Tensor(integers, weight.shape)
  }

  /// How large a weight's scale must be for its bias, a 32-bit integer in steps of the scales of
  /// weight and data, to fit: filters that are nearly zero have hardly any scale of their own.
  static func smallestScales(biases: [Float], dataScale: Float) -> [Float] {
    biases.map { $0.magnitude / dataScale / Float(1 << 30) }
  }
}

/// Biases as 32-bit integers in the given steps.
func quantizedBiases(_ biases: [Float], steps: [Float]) -> [Int32] {
  zip(biases, steps).map { bias, step in
    let quotient = (Double(bias) / Double(step)).rounded(.toNearestOrEven)
    return Int32(max(Double(Int32.min), min(Double(Int32.max), quotient)))
  }
}
