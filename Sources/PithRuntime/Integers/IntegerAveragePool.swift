import PithGraph
import PithKernels
import PithTensors

/// The means of bytes over windows, as bytes of another grid or as floats.
struct IntegerAveragePool: Operator {
  static let name = "IntegerAveragePool"
  static let domain = "pith"

  let dtype: DType
  let mean: IntegerMean
  /// Of the result (N, C, spatial...).
  let dimensions: [Dimension]

  init(dtype: DType, mean: IntegerMean, dimensions: [Dimension]) {
    self.dtype = dtype
    self.mean = mean
    self.dimensions = dimensions
  }

  init(_ attributes: Attributes) throws(AttributeError) { throw .missing("window") }

  func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] { [Fact(dtype, dimensions)] }

  func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try mean.kernel(request)
  }
}
