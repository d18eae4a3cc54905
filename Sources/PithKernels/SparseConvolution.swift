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

  /// Inputs: data, weight (known), bias (known, may be absent), and with `post.sum` the value to
  /// add, in whose place the result is written. Output: data. Images lie as padded planes.
  public func forward(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let (data, output) = (try request.input(0), try request.output(0))
    guard let weight = try request.input(1).constant, weight.dtype == .float32,
      data.dtype == .float32
    else { throw .unsupported("sparse weights that are not known float32 numbers") }
    let bias = request.hasInput(2) ? try request.input(2).constant : nil
    guard request.hasInput(2) == (bias != nil) else {
      throw .unsupported("a bias that is not known")
    }
    let (wanted, made) = layouts(data, output.shape)
    var geometry = geometry(wanted, made)
    guard geometry.floatsRead < Int32.max else {
      throw .unsupported("images of \(data.shape) in a sparse convolution")
    }
    let weights = SparseWeights(
      weight.floats, outputs: geometry.output.channels, bias: bias?.floats, place: place(geometry))
    geometry.starts = UnsafePointer(weights.starts)
    geometry.offsets = UnsafePointer(weights.places)
    geometry.values = UnsafePointer(weights.values)
    geometry.bias = weights.bias.map { UnsafePointer($0) }
    var inputs = [Layout?](repeating: nil, count: request.inputs.count)
    inputs[0] = wanted.layout
    if dense.post.sum { inputs[3] = made.layout }
    let elements = elements(geometry)
    return KernelPlan(
      inputs: inputs, outputs: [made.layout], scratchBytes: pith_sparse_scratch(&geometry),
      sharing: dense.post.sum ? [.init(input: 3, output: 0, isRequired: true)] : [],
      implementation: "c:sparse"
    ) { [geometry] buffers in
      let input = UnsafePointer(buffers.input(0, as: Float.self))
      let output = buffers.output(0, as: Float.self)
      let scratch = buffers.scratch?.assumingMemoryBound(to: Float.self)
      return {
        withExtendedLifetime(weights) {
          elements.withUnsafeBufferPointer { elements in
            var geometry = geometry
            geometry.elements = elements.baseAddress
            pith_sparse_run(&geometry, input, output, scratch)
          }
        }
      }
    }
  }

  /// How the input is wanted and how the output will lie: in rows of one length, unless the input
  /// is laid out first.
  private func layouts(_ data: KernelRequest.Operand, _ output: Shape)
    -> (input: PaddedPlanes, output: PaddedPlanes)
  {
    let last = data.shape.rank - 1
    let (before, after) = margins(data.shape, output)
    let (width, outputWidth) = (data.shape[last], output[last])
    let gap = max(before.1, after.1, laysOut ? 1 : outputWidth + 1 - width, 1)
    let rows = last == 2 ? 0 : max(before.0, after.0, 1)
    var input = PaddedPlanes(data.shape, gap: gap, rows: rows)
    if let given = data.layout.blocking as? PaddedPlanes, given.gap >= gap, given.rows >= rows,
      given.gap - gap <= width / 4
    {
      input = given
    }
    guard laysOut else {
      return (input, PaddedPlanes(output, gap: width + input.gap - outputWidth, rows: rows))
    }
    let window = dense.window
    let reach = (window.kernel[last - 2] - 1) * window.dilations[last - 2]
    let reachGap = max(reach / window.strides[last - 2], 1)
    return (input, PaddedPlanes(output, gap: reachGap, rows: last == 2 ? 0 : 1))
  }

  private var laysOut: Bool { dense.window.strides.contains { $0 != 1 } }

  /// How far taps reach over the edges of the input, by rows and columns.
  private func margins(_ data: Shape, _ output: Shape) -> (before: (Int, Int), after: (Int, Int)) {
    let window = dense.window
    let after = window.kernel.indices.map { axis in
      max(
        0,
        (output[axis + 2] - 1) * window.strides[axis] + 1
          + (window.kernel[axis] - 1) * window.dilations[axis]
          - window.padsBegin[axis] - data[axis + 2])
    }
    return (pair(window.padsBegin, 0), pair(after, 0))
  }

  private func geometry(_ wanted: PaddedPlanes, _ made: PaddedPlanes) -> pith_sparse_convolution {
    let window = dense.window
    let strides = pair(window.strides, 1)
    let reach = pair(zip(window.kernel, window.dilations).map { ($0 - 1) * $1 }, 0)
    var result = pith_sparse_convolution()
    result.images = wanted.shape[0]
    result.input = wanted.geometry
    result.output = made.geometry
    result.lays_out = laysOut ? 1 : 0
    (result.stride_y, result.stride_x) = strides
    (result.phases_y, result.phases_x) = (min(strides.0, reach.0 + 1), min(strides.1, reach.1 + 1))
    (result.pad_top, result.pad_left) = pair(window.padsBegin, 0)
    result.plane_rows = result.output.height + reach.0 / strides.0
    result.plane = result.plane_rows * result.output.pitch
    result.adds = dense.post.sum ? 1 : 0
    (result.low, result.high) = dense.post.range ?? (-.infinity, .infinity)
    result.threads = KernelLibrary.threads
    return result
  }

  /// Where the tap of a filter's weight lies, from the output's position.
  private func place(_ geometry: pith_sparse_convolution) -> (Int) -> Int {
    let (kernel, dilations) = (pair(dense.window.kernel, 1), pair(dense.window.dilations, 1))
    return { weight in
      let (rest, x) = (weight / kernel.1, weight % kernel.1 * dilations.1)
      let (channel, y) = (rest / kernel.0, rest % kernel.0 * dilations.0)
      guard geometry.lays_out != 0 else {
        let input = geometry.input
        return channel * input.plane + (y - geometry.pad_top) * input.pitch + x - geometry.pad_left
      }
      let (strideY, strideX) = (geometry.stride_y, geometry.stride_x)
      let phase = (channel * geometry.phases_y + y % strideY) * geometry.phases_x + x % strideX
      return phase * geometry.plane + y / strideY * geometry.output.pitch + x / strideX
    }
  }

  /// All bits for the elements of an output channel, none for its margins.
  private func elements(_ geometry: pith_sparse_convolution) -> [Int32] {
    let output = geometry.output
    let count = (output.height * output.pitch + 15) / 16 * 16
    return (0..<count).map { position in
      position / output.pitch < output.height && position % output.pitch < output.width ? -1 : 0
    }
  }

  /// The values of both axes, those of an image of one row where there is one axis.
  private func pair(_ values: [Int], _ other: Int) -> (Int, Int) {
    values.count == 1 ? (other, values[0]) : (values[0], values[1])
  }
}

extension pith_sparse_convolution {
  /// Floats of one image that taps may be apart.
  fileprivate var floatsRead: Int {
    lays_out != 0 ? input.channels * phases_y * phases_x * plane : input.image
  }
}
