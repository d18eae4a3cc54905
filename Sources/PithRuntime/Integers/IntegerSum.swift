import PithGraph
import PithKernels
import PithTensors

/// The sum of two values of bytes, each on a grid of its own, as bytes: factors[0] a + factors[1] b
/// + shift, rounded and held to bounds.
struct IntegerSum: Operator {
  static let name = "IntegerSum"
  static let domain = "pith"

  let dtype: DType
  let left: Float
  let right: Float
  let shift: Float
  let low: Int
  let high: Int

  init(_ left: Grid, _ right: Grid, to result: Grid, bounds: ClosedRange<Int>) {
    dtype = result.dtype
    self.left = left.scale / result.scale
    self.right = right.scale / result.scale
    shift =
      Float(result.zero) - self.left * Float(left.zero) - self.right * Float(right.zero)
    low = bounds.lowerBound
    high = bounds.upperBound
  }

  init(_ attributes: Attributes) throws(AttributeError) {
    let grid = Grid(dtype: .uint8, scale: 1, zero: 0)
    self.init(grid, grid, to: grid, bounds: grid.range)
  }

  func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(dtype, try inputs.required(0).dimensions)]
  }

  func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try integerSumKernel(
      factors: (left, right), shift: shift, bounds: Float(low)...Float(high), request)
  }
}
