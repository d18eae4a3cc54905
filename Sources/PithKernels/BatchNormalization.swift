import CPithKernels
public import PithTensors

/// Batch normalization over a batch's own statistics, with what follows it, and its gradient; data
/// is (N, C, ...).
///
/// y = activation((x - mean) / sqrt(variance + epsilon) scale + shift + addend). Data is read twice
/// and the result written once, whatever follows: the library's kernel reads it three times, and
/// has no addend and no activation but ReLU.
public struct BatchNormalizationKernel: Sendable, Hashable {
  public var epsilon: Float
  /// One that `supports` tells of, or none.
  public var activation: Activation?

  public init(epsilon: Float, activation: Activation? = nil) {
    self.epsilon = epsilon
    self.activation = activation
  }

  /// Whether an activation can be computed with the normalisation: those that hold a value between
  /// bounds.
  public static func supports(_ activation: Activation) -> Bool {
    switch activation {
    case .relu: true
    case .clip(let low, let high): low <= 0 && high >= 0 && low < high
    default: false
    }
  }

  private func bounds() throws(KernelError) -> (low: Float, high: Float) {
    switch activation {
    case nil: (-.infinity, .infinity)
    case .relu: (0, .infinity)
    case .clip(let low, let high): (low, high)
    default: throw .unsupported("normalisation with another activation than ReLU and clip")
    }
  }

  /// Inputs: data, scale, shift, and an addend like the data (may be absent). Outputs: y, batch
  /// mean, batch variance (of the population).
  public func training(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let (layout, norm) = try description(request, data: 0)
    if try request.input(0).shape.count == 0 { return emptyKernel(request) }
    var (inputs, outputs) = (request.plainInputs, request.plainOutputs)
    inputs[0] = layout
    outputs[0] = layout
    let adds = request.hasInput(3)
    if adds { inputs[3] = layout }
    return withUnsafePointer(to: norm) { pointer in
      KernelPlan(
        inputs: inputs, outputs: outputs,
        scratchBytes: pith_batch_norm_scratch(pointer) * MemoryLayout<Float>.stride,
        sharing: (adds ? [.init(input: 3, output: 0)] : []) + [.init(input: 0, output: 0)],
        implementation: "c:batch norm"
      ) { buffers in
        var norm = norm
        let x = buffers.input(0, as: Float.self)
        let (scale, shift) = (buffers.input(1, as: Float.self), buffers.input(2, as: Float.self))
        let addend = floats(buffers.inputs, 3)
        let y = buffers.output(0, as: Float.self)
        let mean = buffers.output(1, as: Float.self)
        let variance = buffers.output(2, as: Float.self)
        let scratch = buffers.scratch!.assumingMemoryBound(to: Float.self)
        return {
          pith_batch_norm_forward(&norm, x, scale, shift, addend, y, mean, variance, scratch)
        }
      }
    }
  }

  /// Inputs: gradient of y, data, scale, shift, batch mean, batch variance, y (present where there
  /// are both an addend and an activation), and another part of the gradient of y (may be absent).
  /// Outputs: gradients of the data, the scale, the shift, and where y is given of the addend.
  public func gradient(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let (layout, norm) = try description(request, data: 1)
    if try request.input(1).shape.count == 0 { return emptyKernel(request) }
    var (inputs, outputs) = (request.plainInputs, request.plainOutputs)
    for slot in [0, 1, 6, 7] where request.hasInput(slot) { inputs[slot] = layout }
    outputs[0] = layout
    let adds = request.hasInput(6)
    if adds { outputs[3] = layout }
    return withUnsafePointer(to: norm) { pointer in
      KernelPlan(
        inputs: inputs, outputs: outputs,
        scratchBytes: pith_batch_norm_scratch(pointer) * MemoryLayout<Float>.stride,
        sharing: adds
          ? [
            .init(input: 0, output: 3), .init(input: 7, output: 3), .init(input: 1, output: 0),
          ]
          : [
            .init(input: 0, output: 0), .init(input: 1, output: 0), .init(input: 7, output: 0),
          ], implementation: "c:batch norm"
      ) { buffers in
        var norm = norm
        var gradient = pith_batch_norm_gradient(
          upstream: buffers.input(0, as: Float.self), second: floats(buffers.inputs, 7),
          x: buffers.input(1, as: Float.self), scale: buffers.input(2, as: Float.self),
          shift: buffers.input(3, as: Float.self), mean: buffers.input(4, as: Float.self),
          variance: buffers.input(5, as: Float.self), y: floats(buffers.inputs, 6),
          x_gradient: buffers.output(0, as: Float.self),
          scale_gradient: buffers.output(1, as: Float.self),
          shift_gradient: buffers.output(2, as: Float.self),
          addend_gradient: floats(buffers.outputs, 3))
        let scratch = buffers.scratch!.assumingMemoryBound(to: Float.self)
        return { pith_batch_norm_backward(&norm, &gradient, scratch) }
      }
    }
  }

  /// The data's own layout where its channels lie in even groups, else row-major.
  private func description(_ request: KernelRequest, data index: Int) throws(KernelError)
    -> (Layout, pith_batch_norm)
  {
    let data = try request.input(index)
    for case let operand? in request.inputs + request.outputs where operand.dtype != .float32 {
      throw .unsupported("normalisation of \(operand.dtype.rawValue) elements")
    }
    guard data.shape.rank >= 2 else {
      throw .unsupported("statistics of a batch of shape \(data.shape)")
    }
    let channels = data.shape[1]
    let pixels = data.shape.dimensions[2...].reduce(1, *)
    let (low, high) = try bounds()
    var (layout, lanes) = (Layout.plain(data.dtype, data.shape), 1)
    if let group = data.layout.channelBlock ?? data.channelsLast {
      (layout, lanes) = (data.layout, group)
    } else if pixels == 1, channels % 16 == 0 {
      lanes = channels
    }
    return (
      layout,
      pith_batch_norm(
        rows: data.shape[0], channels: channels, pixels: pixels, lanes: lanes, epsilon: epsilon,
        low: low, high: high)
    )
  }
}

extension KernelRequest.Operand {
  /// The number of channels, where they are innermost.
  fileprivate var channelsLast: Int? {
    switch layout.blocking?.name {
    case "acb", "acdb", "acdeb": shape[1]
    default: nil
    }
  }
}
