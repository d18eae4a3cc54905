import PithGraph
import PithKernels
import PithOperators
import PithTensors

/// What a convolution or a product of bytes does to its sums: scale and shift of each filter, and
/// the steps behind them.
///
/// Everything is put in units of the result, its zero point included, so that the last step is to
/// round and to store: scales and zero points of data and result are folded into the filters'.
struct IntegerLayer {
  private(set) var scales: [Float] = []
  private(set) var shifts: [Float] = []
  private(set) var steps: [IntegerStep] = []
  private(set) var dtype: DType
  private let exactScales: [Double]
  private let exactShifts: [Double]

  /// - Parameter foldsZero: whether the sums are of x w, not (x - zero) w.
  init(weights: IntegerWeights, bias: [Float], data: Grid, foldsZero: Bool, tail: Tail) {
    exactScales = weights.scales.map { Double($0) * Double(data.scale) }
    let correction = foldsZero ? Double(data.zero) : 0
    exactShifts = zip(zip(exactScales, weights.sums), bias).map {
      Double($1) - $0.0 * correction * Double($0.1)
    }
    dtype = tail.grid?.dtype ?? .float32
    guard let grid = tail.grid else {
      useFloat(activations: tail.activations)
      return
    }
    if let bounds = tail.bounds {
      use(scale: Double(grid.scale), zero: Double(grid.zero), adding: tail.summand?.grid)
      if bounds != grid.range {
        steps.append(.clip(low: Float(bounds.lowerBound), high: Float(bounds.upperBound)))
      }
      return
    }
    use(scale: 1, zero: 0, adding: tail.summand?.grid)
    steps += tail.activations.map(IntegerStep.activation)
    steps.append(.linear(scale: 1 / grid.scale, shift: Float(grid.zero)))
  }

  /// Floats, not bytes, as the result.
  private mutating func useFloat(activations: [Activation]) {
    dtype = .float32
    use(scale: 1, zero: 0, adding: nil)
    steps += activations.map(IntegerStep.activation)
  }

  private mutating func use(scale: Double, zero: Double, adding summand: Grid?) {
    steps = []
    scales = exactScales.map { Float($0 / scale) }
    var shift = zero
    if let summand {
      let factor = Double(summand.scale) / scale
      shift -= factor * Double(summand.zero)
      steps.append(.sum(scale: Float(factor), dtype: summand.dtype))
    }
    shifts = exactShifts.map { Float($0 / scale + shift) }
  }
}
