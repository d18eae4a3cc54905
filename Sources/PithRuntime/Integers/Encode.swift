import PithGraph
import PithKernels
import PithTensors

/// A float (N, C, spatial...) as bytes with the channels innermost, as integer kernels read them.
struct Encode: Operator {
  static let name = "Encode"
  static let domain = "pith"

  let grid: Grid

  init(_ grid: Grid) { self.grid = grid }

  init(_ attributes: Attributes) throws(AttributeError) {
    self.init(Grid(dtype: .uint8, scale: 1, zero: 0))
  }

  func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(grid.dtype, try inputs.required(0).dimensions)]
  }

  func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try encodeKernel(scale: grid.scale, zero: grid.zero, bounds: grid.range, request)
  }
}
