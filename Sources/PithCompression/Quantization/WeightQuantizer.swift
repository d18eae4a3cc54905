import CPithKernels
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
    let (inner, channels) = (inner, channels)
    weight.read(as: Float.self) { weights in
      for (row, start) in stride(from: 0, to: weights.count, by: inner).enumerated() {
        let channel = row % channels
        for place in start..<start + inner {
          let magnitude = weights[place].magnitude
          largest[channel] = magnitude > largest[channel] ? magnitude : largest[channel]
        }
      }
    }
    scales = largest.indices.map { channel in
      let scale = max(largest[channel] / 127, smallest?[channel] ?? 0)
      return scale >= 1e-20 && scale.isFinite ? scale : 1
    }
  }

  /// The integers of a weight, in its shape.
  func integers(of weight: Tensor) -> Tensor {
    var result = Tensor(.int8, weight.shape, zeroed: false)
    let isSingle = inner == 1
    let length = isSingle ? channels : inner
    let rows = (0..<weight.count / max(length, 1)).map { row in
      pith_quantized_row(
        start: row * length, length: length, scale: isSingle ? 0 : row % channels)
    }
    let zeros = [Int32](repeating: 0, count: channels)
    weight.read(as: Float.self) { weights in
      result.update(as: Int8.self) { integers in
        rows.withUnsafeBufferPointer { rows in
          var all = pith_quantized_rows(
            count: rows.count, step: isSingle ? 1 : 0, elements: weights.count,
            rows: rows.baseAddress)
          pith_quantize(
            weights.baseAddress, scales, zeros, integers.baseAddress, PITH_S8, &all, nil)
        }
      }
    }
    return result
  }

  /// What rounding adds to each element of a weight.
  func errors(of weight: Tensor, _ integers: Tensor) -> [Float] {
    var errors = weight.array(of: Float.self)
    integers.read(as: Int8.self) { integers in
      for (row, start) in stride(from: 0, to: errors.count, by: inner).enumerated() {
        let scale = scales[row % channels]
        for place in start..<start + inner {
          errors[place] = Float(integers[place]) * scale - errors[place]
        }
      }
    }
    return errors
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
