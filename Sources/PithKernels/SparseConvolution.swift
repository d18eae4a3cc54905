import CPithKernels
public import PithTensors

/// Convolution of (N, C, W) or (N, C, H, W) by weights of which few are not zero.
///
/// Each of those is multiplied with vectors of neighbouring pixels, so that the work is in
/// proportion to their number.
public struct SparseConvolution: Sendable, Hashable {
  let dense: Convolution

  /// Nil for geometries that these kernels do not do: groups, three axes, other activations than a
  /// range.
  public init?(_ dense: Convolution) {
    guard dense.groups == 1, (1...2).contains(dense.window.kernel.count), dense.post.isRange else {
      return nil
    }
    self.dense = dense
  }

  /// Inputs: data, weight (known), bias (known, may be absent), and with `post.sum` the value to add,
  /// in whose place the result is written. Output: data. All in row-major order.
  public func forward(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let (data, output) = (try request.input(0), try request.output(0))
    guard let weight = try request.input(1).constant, weight.dtype == .float32,
      data.dtype == .float32
    else { throw .unsupported("sparse weights that are not known float32 numbers") }
    let bias = request.hasInput(2) ? try request.input(2).constant : nil
    guard request.hasInput(2) == (bias != nil) else {
      throw .unsupported("a bias that is not known")
    }
    var geometry = geometry(data.shape, output.shape)
    let plane = geometry.plane_height * geometry.plane_width
    let (strideY, strideX) = (geometry.stride_y, geometry.stride_x)
    guard geometry.channels * strideY * strideX * plane < Int32.max else {
      throw .unsupported("images of \(data.shape) in a sparse convolution")
    }
    let (kernel, dilations) = (pair(dense.window.kernel, 1), pair(dense.window.dilations, 1))
    let width = geometry.plane_width
    let weights = SparseWeights(weight.floats, outputs: geometry.filters, bias: bias?.floats) {
      let (rest, x) = ($0 / kernel.1, $0 % kernel.1 * dilations.1)
      let (channel, y) = (rest / kernel.0, rest % kernel.0 * dilations.0)
      let phase = (channel * strideY + y % strideY) * strideX + x % strideX
      return phase * plane + y / strideY * width + x / strideX
    }
    geometry.starts = UnsafePointer(weights.starts)
    geometry.offsets = UnsafePointer(weights.places)
    geometry.values = UnsafePointer(weights.values)
    geometry.bias = weights.bias.map { UnsafePointer($0) }
    var inputs = request.plainInputs
    inputs[1] = nil
    if inputs.count > 2 { inputs[2] = nil }
    return KernelPlan(
      inputs: inputs, outputs: request.plainOutputs,
      scratchBytes: pith_sparse_scratch(&geometry),
      sharing: dense.post.sum ? [.init(input: 3, output: 0, isRequired: true)] : [],
      implementation: "c:sparse"
    ) { [geometry] buffers in
      let input = UnsafePointer(buffers.input(0, as: Float.self))
      let output = buffers.output(0, as: Float.self)
      let scratch = buffers.scratch?.assumingMemoryBound(to: Float.self)
      return {
        withExtendedLifetime(weights) {
          withUnsafePointer(to: geometry) { pith_sparse_run($0, input, output, scratch) }
        }
      }
    }
  }

  private func geometry(_ data: Shape, _ output: Shape) -> pith_sparse_convolution {
    let window = dense.window
    let (kernel, strides) = (pair(window.kernel, 1), pair(window.strides, 1))
    let (dilations, pads) = (pair(window.dilations, 1), pair(window.padsBegin, 0))
    var result = pith_sparse_convolution()
    result.images = data[0]
    result.channels = data[1]
    result.filters = output[1]
    (result.height, result.width) = pair(Array(data.dimensions[2...]), 1)
    (result.out_height, result.out_width) = pair(Array(output.dimensions[2...]), 1)
    (result.stride_y, result.stride_x) = strides
    (result.pad_top, result.pad_left) = pads
    result.plane_height = result.out_height + (kernel.0 - 1) * dilations.0 / strides.0
    result.plane_width = result.out_width + (kernel.1 - 1) * dilations.1 / strides.1
    result.adds = dense.post.sum ? 1 : 0
    (result.low, result.high) = dense.post.range ?? (-.infinity, .infinity)
    result.threads = KernelLibrary.threads
    return result
  }

  /// The values of both axes, those of an image of one row where there is one axis.
  private func pair(_ values: [Int], _ other: Int) -> (Int, Int) {
    values.count == 1 ? (other, values[0]) : (values[0], values[1])
  }
}
