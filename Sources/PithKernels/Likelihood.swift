import CPithKernels
public import PithTensors

/// The loss of labels under log-probabilities over (N, C, ...): minus the log-probability of each
/// label, times the weight of its class. Labels that are `ignored`, or no class, count nothing.
public struct Likelihood: Sendable, Hashable {
  /// How the losses are put together.
  public enum Reduction: String, Sendable, Hashable {
    case none, sum
    /// The sum divided by the sum of the weights that count.
    case mean
  }

  public var reduction: Reduction
  public var ignored: Int?

  public init(reduction: Reduction = .mean, ignored: Int? = nil) {
    self.reduction = reduction
    self.ignored = ignored
  }

  /// Inputs: log-probabilities, labels, weights (may be absent). Output: the loss.
  public func loss(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let bind = try job(request, scores: 0)
    return KernelPlan(
      inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "c:likelihood"
    ) { buffers in
      var job = bind(buffers)
      let x = UnsafePointer(buffers.input(0, as: Float.self))
      let loss = buffers.output(0, as: Float.self)
      return { pith_negative_log_likelihood(&job, x, loss) }
    }
  }

  /// Inputs: dL/d(loss), labels, weights (may be absent). Output: dL/d(log-probabilities).
  public func gradient(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let bind = try job(request, scores: nil)
    return KernelPlan(
      inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "c:likelihood"
    ) { buffers in
      var job = bind(buffers)
      let upstream = UnsafePointer(buffers.input(0, as: Float.self))
      let gradient = buffers.output(0, as: Float.self)
      return { pith_negative_log_likelihood_gradient(&job, upstream, gradient) }
    }
  }

  /// Inputs: scores, labels, weights (may be absent). Outputs: the loss under softmax of the scores,
  /// and the log-probabilities where they are wanted.
  public func softmaxLoss(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let bind = try job(request, scores: 0)
    let shape = try request.input(0).shape
    let kept = request.hasOutput(1)
    return KernelPlan(
      inputs: request.plainInputs, outputs: request.plainOutputs,
      scratchBytes: kept ? 0 : shape.count * MemoryLayout<Float>.stride,
      implementation: "c:likelihood"
    ) { buffers in
      var job = bind(buffers)
      let x = UnsafePointer(buffers.input(0, as: Float.self))
      let loss = buffers.output(0, as: Float.self)
      let memory = kept ? buffers.outputs[1] : buffers.scratch
      let logarithms = memory?.assumingMemoryBound(to: Float.self)
      return {
        guard let logarithms else { return }
        pith_log_softmax(job.rows, job.classes, job.inner, x, logarithms)
        pith_negative_log_likelihood(&job, logarithms, loss)
      }
    }
  }

  /// Inputs: dL/d(loss), labels, weights (may be absent), log-probabilities. Output: dL/d(scores).
  public func softmaxGradient(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let bind = try job(request, scores: 3)
    return KernelPlan(
      inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "c:likelihood"
    ) { buffers in
      var job = bind(buffers)
      let upstream = UnsafePointer(buffers.input(0, as: Float.self))
      let logarithms = UnsafePointer(buffers.input(3, as: Float.self))
      let gradient = buffers.output(0, as: Float.self)
      return { pith_softmax_likelihood_gradient(&job, upstream, logarithms, gradient) }
    }
  }

  /// What binds the description of the loss to addresses; the shape (N, C, ...) is that of an input
  /// or, where `scores` is nil, of the output.
  private func job(_ request: KernelRequest, scores: Int?) throws(KernelError)
    -> (Buffers) -> pith_likelihood
  {
    let values =
      if let scores { try request.input(scores) } else { try request.output(0) }
    let labels = try request.input(1)
    let shape = values.shape
    guard values.dtype == .float32, labels.dtype == .int64 || labels.dtype == .int32 else {
      throw .unsupported("a loss of \(values.dtype.rawValue) with \(labels.dtype.rawValue) labels")
    }
    let inner = shape.dimensions.dropFirst(2).reduce(1, *)
    guard shape.rank >= 2, labels.shape.count == shape[0] * inner else {
      throw .unsupported("a loss of shape \(shape) with labels of shape \(labels.shape)")
    }
    if request.hasInput(2) {
      let weights = try request.input(2)
      guard weights.dtype == .float32, weights.shape.count == shape[1] else {
        throw .unsupported("\(weights.shape.count) weights of \(shape[1]) classes")
      }
    }
    let kind =
      switch reduction {
      case .none: PITH_LOSS_EACH
      case .sum: PITH_LOSS_SUM
      case .mean: PITH_LOSS_MEAN
      }
    let isWide = labels.dtype == .int64
    // No label is below zero, so this ignores nothing that would count.
    let ignored = Int64(self.ignored ?? -1)
    return { buffers in
      pith_likelihood(
        rows: shape[0], classes: shape[1], inner: inner, reduction: kind, wide: isWide ? 1 : 0,
        labels: buffers.inputs[1], weights: floats(buffers.inputs, 2), ignored: ignored)
    }
  }
}
