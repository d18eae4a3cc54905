import CDNNL
public import PithTensors

/// Window geometry shared by convolution and pooling, per spatial axis.
public struct Window: Sendable, Hashable {
  public var kernel: [Int]
  public var strides: [Int]
  /// Distance between taps; 1 is a dense kernel.
  public var dilations: [Int]
  public var padsBegin: [Int]
  public var padsEnd: [Int]

  public init(
    kernel: [Int], strides: [Int], dilations: [Int], padsBegin: [Int], padsEnd: [Int]
  ) {
    self.kernel = kernel
    self.strides = strides
    self.dilations = dilations
    self.padsBegin = padsBegin
    self.padsEnd = padsEnd
  }

  var stridesList: [Int64] { strides.map(Int64.init) }
  /// The library counts the gaps between taps, not the distance.
  var gapList: [Int64] { dilations.map { Int64($0 - 1) } }
  var beginList: [Int64] { padsBegin.map(Int64.init) }
  var endList: [Int64] { padsEnd.map(Int64.init) }
}

/// Convolution and its two gradients. Data is (N, C, spatial...), weights (O, C/groups, kernel...).
public struct Convolution: Sendable, Hashable {
  public var window: Window
  public var groups: Int
  public var post: PostOperations

  public init(window: Window, groups: Int, post: PostOperations = PostOperations()) {
    self.window = window
    self.groups = groups
    self.post = post
  }

  /// The weight's extents as the library wants them: (G, O/G, C/G, kernel...) when grouped.
  private func weightShape(_ shape: Shape) -> Shape {
    guard groups > 1 else { return shape }
    return Shape([groups, shape[0] / groups] + shape.dimensions[1...])
  }

  private func forwardDescriptor(
    source: KernelRequest.Operand, weight: KernelRequest.Operand, hasBias: Bool,
    destination: KernelRequest.Operand, training: Bool, _ arrangement: Arrangement
  ) throws(KernelError) -> PrimitiveDescriptor {
    let sourceAny = try arrangement.descriptor(source)
    let weightAny = try MemoryDescriptor(any: weight.dtype, weightShape(weight.shape))
    let bias = hasBias ? try MemoryDescriptor(.float32, [weight.shape[0]]) : nil
    let destinationAny = try arrangement.descriptor(destination)
    return try PrimitiveDescriptor("convolution", postOperations: post) {
      (handle, engine, attributes) throws(KernelError) in
      dnnl_convolution_forward_primitive_desc_create(
        handle, engine, training ? dnnl_forward_training : dnnl_forward_inference,
        dnnl_convolution_direct, sourceAny.handle, weightAny.handle, bias?.handle,
        destinationAny.handle, window.stridesList, window.gapList, window.beginList,
        window.endList, attributes)
    }
  }

  /// How the data of a convolution may lie.
  private enum Arrangement {
    /// In blocks of channels where they come out even.
    case blocked
    /// In blocks of channels, the last one filled up.
    case padded
    /// With the channels innermost.
    case channelsLast
    /// As the library likes best.
    case any
    /// Row-major.
    case plain

    func descriptor(_ operand: KernelRequest.Operand) throws(KernelError) -> MemoryDescriptor {
      switch self {
      case .blocked: try MemoryDescriptor(blocked: operand.dtype, operand.shape)
      case .padded: try MemoryDescriptor(blocked: operand.dtype, operand.shape, padded: true)
      case .channelsLast: try MemoryDescriptor(channelsLast: operand.dtype, operand.shape)
      case .any: try MemoryDescriptor(any: operand.dtype, operand.shape)
      case .plain: try MemoryDescriptor(operand.dtype, operand.shape)
      }
    }
  }

  /// The arrangements to try. Where values are only passed on, they stay as they lie with the
  /// channels innermost, and channels that do not come out even are filled up: both cost less than
  /// a re-order.
  private func arrangements(_ request: KernelRequest) throws(KernelError) -> [Arrangement] {
    guard !request.isTraining else { return [.padded, .blocked, .any, .plain] }
    let data = try request.input(0)
    let last = try MemoryDescriptor(channelsLast: data.dtype, data.shape)
      .layout(data.dtype, data.shape)
    let isLast = !last.isPlain && data.layout == last
    return isLast ? [.channelsLast, .any, .plain] : [.padded, .blocked, .any, .plain]
  }

  /// The first arrangement for which the library has more than its reference loops, which are a
  /// thousand times slower.
  private func fastest(
    _ arrangements: [Arrangement] = [.padded, .blocked, .any, .plain],
    _ make: (Arrangement) throws(KernelError) -> PrimitiveDescriptor
  ) throws(KernelError) -> PrimitiveDescriptor {
    let first = try make(arrangements[0])
    guard first.implementation.hasPrefix("ref") else { return first }
    for arrangement in arrangements.dropFirst() {
      if let other = try? make(arrangement), !other.implementation.hasPrefix("ref") {
        return other
      }
    }
    return first
  }

  /// Inputs: data, weight, bias (may be absent), and with `post.sum` the value to add, in whose
  /// place the result is written. Output: data.
  public func forward(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    if let plan = try WinogradConvolution.forward(self, request) { return plan }
    let hasBias = request.hasInput(2)
    let descriptor = try fastest(arrangements(request)) { (arrangement) throws(KernelError) in
      try forwardDescriptor(
        source: request.input(0), weight: request.input(1), hasBias: hasBias,
        destination: request.output(0), training: false, arrangement)
    }
    guard let source = descriptor.memory(dnnl_query_src_md),
      let weight = descriptor.memory(dnnl_query_weights_md),
      let destination = descriptor.memory(dnnl_query_dst_md)
    else { throw .library(primitive: "convolution", status: "no memory description") }
    var slots = [
      Slot(DNNL_ARG_SRC, .input(0), source), Slot(DNNL_ARG_WEIGHTS, .input(1), weight),
      Slot(DNNL_ARG_DST, .output(0), destination),
    ]
    if hasBias, let bias = descriptor.memory(dnnl_query_weights_md, 1) {
      slots.append(Slot(DNNL_ARG_BIAS, .input(2), bias))
    }
    var plan = descriptor.plan(
      request, slots,
      sharing: post.sum ? [.init(input: 3, output: 0, isRequired: true)] : [])
    if post.sum { plan.inputs[3] = plan.outputs[0] }
    return plan
  }

  /// Inputs: gradient of the output, weight. Output: gradient of the data.
  public func gradientOfData(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    if let plan = try WinogradConvolution.gradientOfData(self, request) { return plan }
    let (upstream, weight, result) = (
      try request.input(0), try request.input(1), try request.output(0)
    )
    let descriptor = try fastest { (arrangement) throws(KernelError) in
      let forward = try forwardDescriptor(
        source: result, weight: weight, hasBias: false, destination: upstream, training: true,
        arrangement)
      let upstreamAny = try arrangement.descriptor(upstream)
      let weightAny = try MemoryDescriptor(any: weight.dtype, weightShape(weight.shape))
      let resultAny = try arrangement.descriptor(result)
      return try PrimitiveDescriptor("convolution backward data") {
        (handle, engine, attributes) throws(KernelError) in
        dnnl_convolution_backward_data_primitive_desc_create(
          handle, engine, dnnl_convolution_direct, resultAny.handle, weightAny.handle,
          upstreamAny.handle, window.stridesList, window.gapList, window.beginList, window.endList,
          forward.handle, attributes)
      }
    }
    guard let from = descriptor.memory(dnnl_query_diff_dst_md),
      let with = descriptor.memory(dnnl_query_weights_md),
      let to = descriptor.memory(dnnl_query_diff_src_md)
    else { throw .library(primitive: descriptor.name, status: "no memory description") }
    return descriptor.plan(
      request,
      [
        Slot(DNNL_ARG_DIFF_DST, .input(0), from), Slot(DNNL_ARG_WEIGHTS, .input(1), with),
        Slot(DNNL_ARG_DIFF_SRC, .output(0), to),
      ])
  }

  /// Inputs: gradient of the output, data. Outputs: gradient of the weight and (if wanted) of the
  /// bias.
  public func gradientOfWeights(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    if let products = TapProducts(self, request) { return try products.plan(request) }
    if let plan = try WinogradConvolution.gradientOfWeights(self, request) { return plan }
    let (upstream, data, result) = (
      try request.input(0), try request.input(1), try request.output(0)
    )
    let hasBias = request.hasOutput(1)
    let descriptor = try fastest { (arrangement) throws(KernelError) in
      let forward = try forwardDescriptor(
        source: data, weight: result, hasBias: hasBias, destination: upstream, training: true,
        arrangement)
      let upstreamAny = try arrangement.descriptor(upstream)
      let dataAny = try arrangement.descriptor(data)
      let resultAny = try MemoryDescriptor(any: result.dtype, weightShape(result.shape))
      let bias = hasBias ? try MemoryDescriptor(.float32, [result.shape[0]]) : nil
      return try PrimitiveDescriptor("convolution backward weights") {
        (handle, engine, attributes) throws(KernelError) in
        dnnl_convolution_backward_weights_primitive_desc_create(
          handle, engine, dnnl_convolution_direct, dataAny.handle, resultAny.handle, bias?.handle,
          upstreamAny.handle, window.stridesList, window.gapList, window.beginList, window.endList,
          forward.handle, attributes)
      }
    }
    guard let from = descriptor.memory(dnnl_query_diff_dst_md),
      let with = descriptor.memory(dnnl_query_src_md),
      let to = descriptor.memory(dnnl_query_diff_weights_md)
    else { throw .library(primitive: descriptor.name, status: "no memory description") }
    var slots = [
      Slot(DNNL_ARG_DIFF_DST, .input(0), from), Slot(DNNL_ARG_SRC, .input(1), with),
      Slot(DNNL_ARG_DIFF_WEIGHTS, .output(0), to),
    ]
    if hasBias, let bias = descriptor.memory(dnnl_query_diff_weights_md, 1) {
      slots.append(Slot(DNNL_ARG_DIFF_BIAS, .output(1), bias))
    }
    return descriptor.plan(request, slots)
  }
}
