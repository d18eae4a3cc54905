import CPithKernels
import PithTensors

/// The weights of a layer that are not zero, output by output, in memory that does not move.
final class SparseWeights {
  let starts: UnsafeMutablePointer<Int32>
  let places: UnsafeMutablePointer<Int32>
  let values: UnsafeMutablePointer<Float>
  let bias: UnsafeMutablePointer<Float>?

  /// - Parameters:
  ///   - weights: those of one output after the other.
  ///   - place: where the input of a weight lies, from its number within the output.
  init(_ weights: [Float], outputs: Int, bias: [Float]?, place: (Int) -> Int) {
    let count = weights.count { $0 != 0 }
    starts = .allocate(capacity: outputs + 1)
    places = .allocate(capacity: max(count, 1))
    values = .allocate(capacity: max(count, 1))
    let run = outputs == 0 ? 0 : weights.count / outputs
    var next = 0
    for output in 0..<outputs {
      starts[output] = Int32(next)
      for index in 0..<run where weights[output * run + index] != 0 {
        places[next] = Int32(place(index))
        values[next] = weights[output * run + index]
        next += 1
      }
    }
    starts[outputs] = Int32(next)
    self.bias = bias.map { bias in
      let memory = UnsafeMutablePointer<Float>.allocate(capacity: bias.count)
      memory.initialize(from: bias, count: bias.count)
      return memory
    }
  }

  deinit {
    starts.deallocate()
    places.deallocate()
    values.deallocate()
    bias?.deallocate()
  }
}

extension PostOperations {
  /// The range that the activation keeps results in; nil where it does more than that.
  var range: (low: Float, high: Float)? {
    switch activation {
    case nil: (-.infinity, .infinity)
    case .relu: (0, .infinity)
    case .clip(let low, let high): (low, high)
    default: nil
    }
  }

  /// Whether the sparse kernels can do it.
  public var isRange: Bool { range != nil && scale == 1 }
}
