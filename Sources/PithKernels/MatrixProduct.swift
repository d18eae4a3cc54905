import CDNNL
public import PithTensors

/// dst = post(`scale` op(A) op(B) + bias), where op transposes the last two axes or not.
///
/// A is (..., M, K) or, transposed, (..., K, M); B likewise (..., K, N) or (..., N, K); axes before
/// those are stretched as NumPy does. The bias is stretched to (..., M, N).
public struct MatrixProduct: Sendable, Hashable {
  public var transposesLeft: Bool
  public var transposesRight: Bool
  /// Factor of the product.
  public var scale: Float
  /// Factor of the bias.
  public var biasScale: Float
  public var post: PostOperations

  public init(
    transposesLeft: Bool = false, transposesRight: Bool = false, scale: Float = 1,
    biasScale: Float = 1, post: PostOperations = PostOperations()
  ) {
    self.transposesLeft = transposesLeft
    self.transposesRight = transposesRight
    self.scale = scale
    self.biasScale = biasScale
    self.post = post
  }

  /// Inputs: A, B, bias (may be absent). Output: the product, of rank two or more.
  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let (left, right, result) = (
      try request.input(0), try request.input(1), try request.output(0)
    )
    let rank = max(left.shape.rank, right.shape.rank, 2)
    let source = try descriptor(left, transposed: transposesLeft, rank: rank)
    var weights = try descriptor(right, transposed: transposesRight, rank: rank)
    let outputShape = Self.product(
      Self.matrix(left.shape, transposesLeft, rank), Self.matrix(right.shape, transposesRight, rank)
    )
    let destination = try MemoryDescriptor(result.dtype, outputShape)
    let packed = right.constant != nil && rank == 2
    if packed { weights = try MemoryDescriptor(any: right.dtype, weights.shape) }
    let bias = try request.hasInput(2) ? biasDescriptor(request.input(2), rank) : nil
    var operations = post
    operations.scale = scale
    let primitive = try PrimitiveDescriptor("matmul", postOperations: operations) {
      (handle, engine, attributes) throws(KernelError) in
      dnnl_matmul_primitive_desc_create(
        handle, engine, source.handle, weights.handle, bias?.handle, destination.handle,
        attributes)
    }
    if packed { weights = primitive.memory(dnnl_query_weights_md) ?? weights }
    var slots = [
      Slot(DNNL_ARG_SRC, .input(0), source), Slot(DNNL_ARG_WEIGHTS, .input(1), weights),
      Slot(DNNL_ARG_DST, .output(0), destination),
    ]
    if let bias { slots.append(Slot(DNNL_ARG_BIAS, .input(2), bias)) }
    var plan = primitive.plan(request, slots)
    plan.inputs[0] = .plain(left.dtype, left.shape)
    plan.outputs[0] = .plain(result.dtype, result.shape)
    if !packed || (weights.isPlain && !transposesRight) {
      plan.inputs[1] = .plain(right.dtype, right.shape)
    } else {
      plan.inputs[1] = weights.layout(right.dtype, right.shape, transposed: transposesRight)
    }
    if bias != nil, biasScale != scale { try scaleBias(&plan, request.input(2)) }
    return plan
  }

  /// The extents of op(A), with leading ones up to `rank`.
  private static func matrix(_ shape: Shape, _ transposed: Bool, _ rank: Int) -> Shape {
    var shape = shape.padded(to: rank)
    if transposed { shape.dimensions.swapAt(rank - 1, rank - 2) }
    return shape
  }

  private static func product(_ left: Shape, _ right: Shape) -> Shape {
    let rank = left.rank
    var result = (0..<rank - 2).map { max(left[$0], right[$0]) }
    result += [left[rank - 2], right[rank - 1]]
    return Shape(result)
  }

  private func descriptor(_ operand: KernelRequest.Operand, transposed: Bool, rank: Int)
    throws(KernelError) -> MemoryDescriptor
  {
    let stored = operand.shape.padded(to: rank)
    var strides = stored.strides
    if transposed { strides.swapAt(rank - 1, rank - 2) }
    return try MemoryDescriptor(
      operand.dtype, Self.matrix(operand.shape, transposed, rank), strides: strides)
  }

  private func biasDescriptor(_ operand: KernelRequest.Operand, _ rank: Int)
    throws(KernelError) -> MemoryDescriptor
  {
    try MemoryDescriptor(operand.dtype, operand.shape.padded(to: rank))
  }

  /// The library adds the bias before it scales, so the bias is brought to `biasScale / scale` of
  /// itself first, behind the primitive's scratch memory.
  private func scaleBias(_ plan: inout KernelPlan, _ bias: KernelRequest.Operand)
    throws(KernelError)
  {
    guard bias.dtype == .float32, scale != 0 else { throw .unsupported("a scaled product") }
    let factor = biasScale / scale
    let count = bias.shape.count
    let offset = (plan.scratchBytes + 63) / 64 * 64
    let bind = plan.bind
    plan.scratchBytes = offset + count * 4
    plan.bind = { (buffers) throws(KernelError) in
      let from = buffers.input(2, as: Float.self)
      let to = (buffers.scratch! + offset).assumingMemoryBound(to: Float.self)
      var inner = buffers
      inner.inputs[2] = UnsafeMutableRawPointer(to)
      let run = try bind(inner)
      return {
        for index in 0..<count { to[index] = factor * from[index] }
        run()
      }
    }
  }
}
