import CPithKernels
public import PithTensors

/// Products of rows (..., K) with a known matrix of which few elements are not zero.
public struct SparseProduct: Sendable, Hashable {
  /// Whether the matrix is (N, K) instead of (K, N).
  public var isTransposed: Bool
  /// Factor of the matrix.
  public var scale: Float
  public var post: PostOperations

  public init(isTransposed: Bool, scale: Float = 1, post: PostOperations = PostOperations()) {
    self.isTransposed = isTransposed
    self.scale = scale
    self.post = post
  }

  /// Inputs: rows, matrix (known), bias (N, known, may be absent). Output: rows.
  public func forward(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let (data, output) = (try request.input(0), try request.output(0))
    guard let matrix = try request.input(1).constant, matrix.dtype == .float32,
      matrix.shape.rank == 2, data.dtype == .float32, let range = post.range, !post.sum
    else { throw .unsupported("sparse weights that are not a known float32 matrix") }
    let bias = request.hasInput(2) ? try request.input(2).constant : nil
    guard request.hasInput(2) == (bias != nil) else {
      throw .unsupported("a bias that is not known")
    }
    let outputs = matrix.shape[isTransposed ? 0 : 1], features = matrix.count / max(outputs, 1)
    var weights = matrix.floats
    if !isTransposed {
      let columns = weights
      for index in weights.indices {
        weights[index] = columns[index % features * outputs + index / features]
      }
    }
    if scale != 1 { for index in weights.indices { weights[index] *= scale } }
    let sparse = SparseWeights(weights, outputs: outputs, bias: bias?.floats) { $0 }
    var product = pith_sparse_product()
    product.rows = output.shape.count / max(outputs, 1)
    product.features = features
    product.outputs = outputs
    product.starts = UnsafePointer(sparse.starts)
    product.indices = UnsafePointer(sparse.places)
    product.values = UnsafePointer(sparse.values)
    product.bias = sparse.bias.map { UnsafePointer($0) }
    (product.low, product.high) = range
    var inputs = request.plainInputs
    for index in inputs.indices.dropFirst() { inputs[index] = nil }
    return KernelPlan(
      inputs: inputs, outputs: request.plainOutputs,
      scratchBytes: pith_sparse_product_scratch(&product), implementation: "c:sparse"
    ) { [product] buffers in
      let input = UnsafePointer(buffers.input(0, as: Float.self))
      let output = buffers.output(0, as: Float.self)
      let scratch = buffers.scratch?.assumingMemoryBound(to: Float.self)
      return {
        withExtendedLifetime(sparse) {
          withUnsafePointer(to: product) { pith_sparse_multiply($0, input, output, scratch) }
        }
      }
    }
  }
}
