import CDNNL
import CPithKernels
import PithTensors

/// Convolution by windows of 3 x 3 with strides of 1 in 2.25 times fewer multiplications: F(2 x 2,
/// 3 x 3) of Lavin and Gray, "Fast algorithms for convolutional neural networks", 2016. Its sums
/// and differences cost hardly any accuracy.
///
/// Data lie in blocks of 16 channels. Weights that are known are transformed when the kernel is
/// made, others in each run.
struct WinogradConvolution {
  private var geometry: pith_winograd
  private let post: PostOperations
  private let weight: Shape
  /// The least share of the results computed that must be wanted: tiles reach over the edges.
  private static let leastUse = 0.7

  /// What is convolved.
  private enum Direction {
    /// Data by the weights.
    case forward
    /// The gradient of the output by the weights turned round, for the gradient of the data.
    case backward
  }

  /// Nil for what other kernels do better, or at all.
  ///
  /// - Parameters:
  ///   - source: (N, C, H, W) of what is read.
  ///   - result: (N, O, H, W) of what is made.
  private init?(
    _ convolution: Convolution, _ direction: Direction, source: KernelRequest.Operand,
    weight: KernelRequest.Operand, result: KernelRequest.Operand
  ) {
    let window = convolution.window
    guard pith_instructions().rawValue >= PITH_AVX512.rawValue, ProcessorLevel.current >= .avx512,
      convolution.groups == 1, convolution.post.isRange, window.kernel == [3, 3],
      window.strides == [1, 1], window.dilations == [1, 1],
      [source, weight, result].allSatisfy({ $0.dtype == .float32 }), weight.shape.count > 0
    else { return nil }
    let (from, to) = (source.shape, result.shape)
    post = convolution.post
    self.weight = weight.shape
    geometry = pith_winograd()
    (geometry.images, geometry.inputs, geometry.outputs) = (from[0], from[1], to[1])
    (geometry.height, geometry.width) = (from[2], from[3])
    (geometry.out_height, geometry.out_width) = (to[2], to[3])
    let pads = direction == .forward ? window.padsBegin : window.padsBegin.map { 2 - $0 }
    guard pads.allSatisfy({ $0 >= 0 }) else { return nil }
    (geometry.pad_top, geometry.pad_left) = (pads[0], pads[1])
    geometry.adds = post.sum ? 1 : 0
    (geometry.low, geometry.high) = post.range ?? (-.infinity, .infinity)
    geometry.threads = KernelLibrary.threads
    let tiles = to[0] * ((to[2] + 1) / 2) * ((to[3] + 1) / 2)
    let computed = 4 * ((tiles + 7) / 8 * 8)
    guard computed > 0,
      Double(to[0] * to[2] * to[3]) >= Self.leastUse * Double(computed)
    else { return nil }
  }

  /// Whether channels fill as much of the blocks of 16 that they lie in as it takes to be faster.
  private var areBlocked: Bool { geometry.inputs >= 4 && geometry.outputs >= 4 }

  private func layout(_ shape: Shape) throws(KernelError) -> Layout {
    try MemoryDescriptor(.float32, shape, tag: dnnl_aBcd16b).layout(.float32, shape)
  }

  // MARK: - Plans

  /// The plan of `Convolution.forward`; nil where other kernels are to make it.
  static func forward(_ convolution: Convolution, _ request: KernelRequest) throws(KernelError)
    -> KernelPlan?
  {
    let (data, weight, output) = (
      try request.input(0), try request.input(1), try request.output(0)
    )
    guard
      let kernel = WinogradConvolution(
        convolution, .forward, source: data, weight: weight, result: output)
    else { return nil }
    let bias = request.hasInput(2) ? try request.input(2) : nil
    guard kernel.areBlocked else { return nil }
    guard let known = weight.constant, bias == nil || bias?.constant != nil else {
      guard bias == nil || output.shape[1] % 16 == 0 else { return nil }
      return try kernel.plan(request, .forward, data.shape, output.shape)
    }
    return try kernel.plan(request, known, bias?.constant, data.shape, output.shape)
  }

  /// The plan of `Convolution.gradientOfData`; nil where other kernels are to make it.
  static func gradientOfData(_ convolution: Convolution, _ request: KernelRequest)
    throws(KernelError) -> KernelPlan?
  {
    let (upstream, weight, result) = (
      try request.input(0), try request.input(1), try request.output(0)
    )
    guard convolution.post.isEmpty,
      let kernel = WinogradConvolution(
        convolution, .backward, source: upstream, weight: weight, result: result),
      kernel.areBlocked
    else { return nil }
    return try kernel.plan(request, .backward, upstream.shape, result.shape)
  }

  /// The plan of `Convolution.gradientOfWeights`; nil where other kernels are to make it.
  static func gradientOfWeights(_ convolution: Convolution, _ request: KernelRequest)
    throws(KernelError) -> KernelPlan?
  {
    let (upstream, data, result) = (
      try request.input(0), try request.input(1), try request.output(0)
    )
    guard convolution.post.isEmpty, !request.hasOutput(1),
      let kernel = WinogradConvolution(
        convolution, .forward, source: data, weight: result, result: upstream),
      kernel.areBlocked
    else { return nil }
    var inputs = [Layout?](repeating: nil, count: request.inputs.count)
    inputs[0] = try kernel.layout(upstream.shape)
    inputs[1] = try kernel.layout(data.shape)
    var outputs = [Layout?](repeating: nil, count: request.outputs.count)
    outputs[0] = try kernel.weightLayout
    var geometry = kernel.geometry
    return KernelPlan(
      inputs: inputs, outputs: outputs, scratchBytes: pith_winograd_gradient_scratch(&geometry),
      implementation: "c:winograd"
    ) { [geometry] buffers in
      let upstream = UnsafePointer(buffers.input(0, as: Float.self))
      let data = UnsafePointer(buffers.input(1, as: Float.self))
      let gradient = buffers.output(0, as: Float.self)
      let scratch = buffers.scratch!.assumingMemoryBound(to: Float.self)
      return {
        withUnsafePointer(to: geometry) {
          pith_winograd_weight_gradient($0, data, upstream, gradient, scratch)
        }
      }
    }
  }

  /// With weights that are known.
  private func plan(
    _ request: KernelRequest, _ weight: Tensor, _ bias: Tensor?, _ source: Shape, _ result: Shape
  ) throws(KernelError) -> KernelPlan {
    var inputs = [Layout?](repeating: nil, count: request.inputs.count)
    inputs[0] = try layout(source)
    let output = try layout(result)
    if post.sum { inputs[3] = output }
    var geometry = geometry
    let transformed = AlignedFloats(pith_winograd_floats(geometry.outputs, geometry.inputs))
    weight.read(as: Float.self) { values in
      var plain = plainWeights
      plain.values = values.baseAddress
      pith_winograd_transform(&plain, transformed.pointer)
    }
    let filled = bias.map { bias in
      let floats = AlignedFloats((geometry.outputs + 15) / 16 * 16)
      bias.read(as: Float.self) { floats.pointer.update(from: $0.baseAddress!, count: $0.count) }
      return floats
    }
    return KernelPlan(
      inputs: inputs, outputs: [output], scratchBytes: pith_winograd_scratch(&geometry),
      sharing: post.sum ? [.init(input: 3, output: 0, isRequired: true)] : [],
      implementation: "c:winograd"
    ) { [geometry] buffers in
      let input = UnsafePointer(buffers.input(0, as: Float.self))
      let output = buffers.output(0, as: Float.self)
      let scratch = buffers.scratch?.assumingMemoryBound(to: Float.self)
      var geometry = geometry
      geometry.bias = filled.map { UnsafePointer($0.pointer) }
      return { [geometry] in
        withExtendedLifetime((transformed, filled)) {
          withUnsafePointer(to: geometry) {
            pith_winograd_run($0, input, transformed.pointer, output, scratch)
          }
        }
      }
    }
  }

  /// With weights, and perhaps a bias, that each run finds in memory.
  private func plan(
    _ request: KernelRequest, _ direction: Direction, _ source: Shape, _ result: Shape
  ) throws(KernelError) -> KernelPlan {
    var inputs = [Layout?](repeating: nil, count: request.inputs.count)
    inputs[0] = try layout(source)
    inputs[1] = try weightLayout
    let hasBias = direction == .forward && request.hasInput(2)
    if hasBias { inputs[2] = .plain(.float32, [geometry.outputs]) }
    let output = try layout(result)
    if post.sum { inputs[3] = output }
    var geometry = geometry
    let floats = pith_winograd_floats(geometry.outputs, geometry.inputs)
    let weights = blockedWeights(direction)
    return KernelPlan(
      inputs: inputs, outputs: [output],
      scratchBytes: pith_winograd_scratch(&geometry) + floats * MemoryLayout<Float>.stride,
      sharing: post.sum ? [.init(input: 3, output: 0, isRequired: true)] : [],
      implementation: "c:winograd"
    ) { [geometry] buffers in
      let input = UnsafePointer(buffers.input(0, as: Float.self))
      let output = buffers.output(0, as: Float.self)
      let transformed = buffers.scratch!.assumingMemoryBound(to: Float.self)
      var (geometry, weights) = (geometry, weights)
      weights.values = UnsafePointer(buffers.input(1, as: Float.self))
      if hasBias { geometry.bias = UnsafePointer(buffers.input(2, as: Float.self)) }
      return { [geometry, weights] in
        withUnsafePointer(to: weights) { pith_winograd_transform($0, transformed) }
        withUnsafePointer(to: geometry) {
          pith_winograd_run($0, input, transformed, output, transformed + floats)
        }
      }
    }
  }

  // MARK: - Weights

  /// In blocks of 16 inputs and, inside them, 16 outputs.
  private var weightLayout: Layout {
    get throws(KernelError) {
      try MemoryDescriptor(.float32, weight, tag: dnnl_ABcd16b16a).layout(.float32, weight)
    }
  }

  /// (O, C, 3, 3) in row-major order.
  private var plainWeights: pith_winograd_weights {
    var weights = pith_winograd_weights()
    (weights.outputs, weights.inputs) = (weight[0], weight[1])
    (weights.tap, weights.input, weights.output) = (1, 9, 9 * weight[1])
    (weights.input_block, weights.output_block) = (16 * weights.input, 16 * weights.output)
    return weights
  }

  /// The same as `weightLayout` has them.
  private func blockedWeights(_ direction: Direction) -> pith_winograd_weights {
    var weights = pith_winograd_weights()
    weights.tap = 256
    let blocks = (weight[1] + 15) / 16
    let (output, input) = ((1, blocks * 9 * 256), (16, 9 * 256))
    switch direction {
    case .forward:
      (weights.outputs, weights.inputs) = (weight[0], weight[1])
      (weights.output, weights.output_block) = output
      (weights.input, weights.input_block) = input
    case .backward:
      (weights.outputs, weights.inputs) = (weight[1], weight[0])
      (weights.output, weights.output_block) = input
      (weights.input, weights.input_block) = output
      weights.is_turned = 1
    }
    return weights
  }
}

/// Floats that a kernel owns, zero at first.
private final class AlignedFloats {
  let pointer: UnsafeMutablePointer<Float>

  init(_ count: Int) {
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
    pointer = memory.bindMemory(to: Float.self, capacity: count)
    pointer.initialize(repeating: 0, count: count)
  }

  deinit { pointer.deallocate() }
}
