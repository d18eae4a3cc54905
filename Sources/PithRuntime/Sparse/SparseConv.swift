import PithGraph
import PithKernels
import PithOperators
import PithTensors

/// A convolution by known weights of which few are not zero. Inputs as those of Conv.
struct SparseConv: Operator {
  static let name = "SparseConv"
  static let domain = "pith"

  let dense: Conv

  init(_ dense: Conv) { self.dense = dense }
  init(_ attributes: Attributes) throws(AttributeError) { self.init(try Conv(attributes)) }

  func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] { try dense.infer(inputs) }

  func cost(_ inputs: [Fact?], _ outputs: [Fact]) -> Cost { dense.cost(inputs, outputs) }

  func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let bound = try dense.bound(request.input(0), request.input(1))
    guard let kernel = SparseConvolution(bound) else {
      throw .unsupported("a sparse convolution of this geometry")
    }
    return try kernel.forward(request)
  }
}

/// A product with a known matrix of which few elements are not zero. Inputs: rows, matrix, bias.
struct SparseMatMul: Operator {
  static let name = "SparseMatMul"
  static let domain = "pith"

  let product: SparseProduct

  init(_ product: SparseProduct) { self.product = product }

  init(_ attributes: Attributes) throws(AttributeError) {
    self.init(SparseProduct(isTransposed: false))
  }

  func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (rows, matrix) = (try inputs.required(0), try inputs.required(1))
    let outputs = matrix.dimensions[product.isTransposed ? 0 : 1]
    return [Fact(rows.dtype, rows.dimensions.dropLast() + [outputs])]
  }

  func cost(_ inputs: [Fact?], _ outputs: [Fact]) -> Cost {
    guard let rows = outputs.first?.type.shape, let matrix = inputs.optional(1)?.type.shape,
      rows.rank > 0
    else { return Cost() }
    return Cost(macs: rows.count / max(rows[rows.rank - 1], 1) * matrix.count)
  }

  func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try product.forward(request)
  }
}
