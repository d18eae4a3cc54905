import CDNNL
public import PithTensors

/// An elementwise function of two values.
public enum BinaryFunction: Sendable, Hashable {
  case add, subtract, multiply, divide, minimum, maximum

  var library: dnnl_alg_kind_t {
    switch self {
    case .add: dnnl_binary_add
    case .subtract: dnnl_binary_sub
    case .multiply: dnnl_binary_mul
    case .divide: dnnl_binary_div
    case .minimum: dnnl_binary_min
    case .maximum: dnnl_binary_max
    }
  }

  /// What makes f(b, a) of f(a, b), where something does.
  fileprivate var swapped: PostOperations? {
    switch self {
    case .add, .multiply, .minimum, .maximum: PostOperations()
    case .subtract: PostOperations(activation: .linear(scale: -1, shift: 0))
    case .divide: nil
    }
  }
}

/// Output 0 is `function` of inputs 0 and 1, which are stretched to a common shape as NumPy does.
/// A blocked layout of the operand that is not stretched is kept.
public func binaryKernel(_ function: BinaryFunction, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  let (left, right, result) = (try request.input(0), try request.input(1), try request.output(0))
  let rank = max(result.shape.rank, 1)
  let fits = [left, right].map { $0.shape.padded(to: rank) == result.shape.padded(to: rank) }
  switch (fits[0], fits[1]) {
  case (true, true):
    let blocked = left.layout.blocking ?? right.layout.blocking
    if left.shape == right.shape, let blocked = blocked as? MemoryDescriptor,
      function != .divide || !blocked.isPadded
    {
      return try binaryPlan(function, request, blocked, blocked, blocked)
    }
    return try stretchedPlan(function, request, rank)
  case (true, false): return try stretchedPlan(function, request, rank)
  case (false, true):
    guard let post = function.swapped else { return try broadcastKernel(function, request) }
    return try swappedPlan(function, request, rank, post)
  case (false, false): return try broadcastKernel(function, request)
  }
}

/// Input 1 is stretched to the shape of input 0: the only way round that the library has.
private func stretchedPlan(
  _ function: BinaryFunction, _ request: KernelRequest, _ rank: Int,
  _ post: PostOperations = PostOperations()
) throws(KernelError) -> KernelPlan {
  let (left, right) = (try request.input(0), try request.input(1))
  let stretched = right.shape.padded(to: rank)
  if let blocked = left.layout.blocking as? MemoryDescriptor, blocked.rank == rank,
    function != .divide || !blocked.isPadded,
    let small = try blocked.arrangement(of: right.dtype, stretched),
    let plan = try? binaryPlan(function, request, blocked, small, blocked, post),
    // The reference is slower than a re-order by far.
    !plan.implementation.hasPrefix("ref")
  {
    return plan
  }
  let plain = try MemoryDescriptor(left.dtype, left.shape.padded(to: rank))
  return try binaryPlan(
    function, request, plain, MemoryDescriptor(right.dtype, stretched), plain, post)
}

/// Input 0 is stretched to the shape of input 1; `post` makes up for the exchange.
private func swappedPlan(
  _ function: BinaryFunction, _ request: KernelRequest, _ rank: Int, _ post: PostOperations
) throws(KernelError) -> KernelPlan {
  var swapped = request
  swapped.inputs.swapAt(0, 1)
  var plan = try stretchedPlan(function, swapped, rank, post)
  plan.inputs.swapAt(0, 1)
  plan.sharing = [.init(input: 1, output: 0)]
  let bind = plan.bind
  plan.bind = { (buffers) throws(KernelError) in
    var buffers = buffers
    buffers.inputs.swapAt(0, 1)
    return try bind(buffers)
  }
  return plan
}

private func binaryPlan(
  _ function: BinaryFunction, _ request: KernelRequest, _ left: MemoryDescriptor,
  _ right: MemoryDescriptor, _ result: MemoryDescriptor, _ post: PostOperations = PostOperations()
) throws(KernelError) -> KernelPlan {
  let descriptor = try PrimitiveDescriptor("binary", postOperations: post) {
    (handle, engine, attributes) throws(KernelError) in
    dnnl_binary_primitive_desc_create(
      handle, engine, function.library, left.handle, right.handle, result.handle, attributes)
  }
  return descriptor.plan(
    request,
    [
      Slot(DNNL_ARG_SRC_0, .input(0), left), Slot(DNNL_ARG_SRC_1, .input(1), right),
      Slot(DNNL_ARG_DST, .output(0), result),
    ], sharing: [.init(input: 0, output: 0)])
}

extension MemoryDescriptor {
  /// How an operand that is stretched to this one's shape must lie for the library to be fast: in
  /// the same blocks where there are blocks, else row-major; nil for blocks without a tag here.
  fileprivate func arrangement(of dtype: DType, _ shape: Shape) throws(KernelError)
    -> MemoryDescriptor?
  {
    guard hasBlocks else { return try MemoryDescriptor(dtype, shape) }
    guard let tag = channelBlocks[name] else { return nil }
    return try MemoryDescriptor(dtype, shape, tag: tag)
  }
}

private let channelBlocks: [String: dnnl_format_tag_t] = [
  "aBc16b": dnnl_aBc16b, "aBcd16b": dnnl_aBcd16b, "aBcde16b": dnnl_aBcde16b,
  "aBc8b": dnnl_aBc8b, "aBcd8b": dnnl_aBcd8b, "aBcde8b": dnnl_aBcde8b,
]
