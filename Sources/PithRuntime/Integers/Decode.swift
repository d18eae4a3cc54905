import PithGraph
import PithKernels
import PithTensors

/// The floats that bytes stand for, (q - zero) scale, in the layout of the bytes.
struct Decode: Operator {
  static let name = "Decode"
  static let domain = "pith"

  let grid: Grid

  init(_ grid: Grid) { self.grid = grid }

  init(_ attributes: Attributes) throws(AttributeError) {
    self.init(Grid(dtype: .uint8, scale: 1, zero: 0))
  }

  func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(.float32, try inputs.required(0).dimensions)]
  }

  func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try decodeKernel(scale: grid.scale, zero: grid.zero, request)
  }
}
