import CPithKernels
public import PithTensors

/// A loss of a classifier, from its logits (N, C), labels (N) and, for some, a teacher's logits.
public enum Loss: Sendable, Hashable {
  /// -sum_k y_k log softmax(z)_k, y being one-hot mixed with `smoothing` of the uniform
  /// distribution (Szegedy et al. 2016).
  case crossEntropy(smoothing: Float = 0)
  /// The mean over classes of (z_k - y_k)^2, y being one-hot.
  case meanSquaredError
  /// `labels` cross-entropy + (1 - `labels`) T^2 KL(softmax(z_t / T), softmax(z / T))
  /// (Hinton, Vinyals, Dean 2015).
  case distillation(temperature: Float = 4, labels: Float = 0.1)
  /// `labels` cross-entropy + (1 - `labels`) times the mean over classes of (z_k - z_t,k)^2
  /// (Ba and Caruana 2014).
  case logits(labels: Float = 0)

  public var needsTeacher: Bool {
    switch self {
    case .crossEntropy, .meanSquaredError: false
    case .distillation, .logits: true
    }
  }

  fileprivate var description: pith_loss {
    switch self {
    case .crossEntropy(let smoothing):
      pith_loss(
        label_weight: 1, teacher_weight: 0, smoothing: smoothing, temperature: 1,
        squared_labels: 0, squared_teacher: 0)
    case .meanSquaredError:
      pith_loss(
        label_weight: 1, teacher_weight: 0, smoothing: 0, temperature: 1, squared_labels: 1,
        squared_teacher: 0)
    case .distillation(let temperature, let labels):
      pith_loss(
        label_weight: labels, teacher_weight: 1 - labels, smoothing: 0, temperature: temperature,
        squared_labels: 0, squared_teacher: 0)
    case .logits(let labels):
      pith_loss(
        label_weight: labels, teacher_weight: 1 - labels, smoothing: 0, temperature: 1,
        squared_labels: 0, squared_teacher: 1)
    }
  }
}

/// Inputs: logits, labels, teacher's logits (may be absent). Outputs: mean loss, gradient of the
/// logits, number of rows whose largest logit is the label's.
public func lossKernel(_ loss: Loss, _ request: KernelRequest) throws(KernelError) -> KernelPlan {
  let shape = try request.input(0).shape
  guard shape.rank == 2, shape[1] > 0 else { throw .unsupported("logits of shape \(shape)") }
  let (rows, classes) = (shape[0], shape[1])
  let hasTeacher = request.hasInput(2)
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs,
    scratchBytes: 2 * classes * MemoryLayout<Float>.stride, implementation: "c"
  ) { buffers in
    var kind = loss.description
    let logits = buffers.input(0, as: Float.self)
    let labels = buffers.input(1, as: Int32.self)
    let teacher = hasTeacher ? buffers.input(2, as: Float.self) : nil
    let scratch = buffers.scratch!.assumingMemoryBound(to: Float.self)
    let value = buffers.output(0, as: Float.self)
    let gradient = buffers.output(1, as: Float.self)
    let correct = buffers.output(2, as: Float.self)
    return {
      pith_classification_loss(
        &kind, logits, labels, teacher, rows, classes, scratch, value, gradient, correct)
    }
  }
}

/// Inputs: y, targets of the same shape. Outputs: the mean of (y - target)^2, its gradient with
/// respect to y.
public func squaredErrorKernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
  let count = try request.input(0).shape.count
  guard count > 0 else { throw .unsupported("the loss of no numbers") }
  return KernelPlan(
    inputs: request.plainInputs, outputs: request.plainOutputs, implementation: "c"
  ) { buffers in
    let y = buffers.input(0, as: Float.self)
    let target = buffers.input(1, as: Float.self)
    let loss = buffers.output(0, as: Float.self)
    let gradient = buffers.output(1, as: Float.self)
    return { pith_squared_error(y, target, count, loss, gradient) }
  }
}

/// How weights follow their gradients.
public enum UpdateRule: Sendable, Hashable {
  /// v = momentum v + g; w -= rate v, or with `nesterov` rate (g + momentum v).
  case sgd(momentum: Float, nesterov: Bool)
  /// Kingma and Ba 2015; `decoupled` weight decay is AdamW (Loshchilov and Hutter 2019).
  case adam(beta1: Float, beta2: Float, epsilon: Float, decoupled: Bool)

  /// Values kept per weight from step to step.
  public var slotCount: Int {
    switch self {
    case .sgd: 1
    case .adam: 2
    }
  }
}

/// One optimizer step in place, in whatever layout the weight lies.
///
/// Inputs: weight, gradient, learning rate, step number (int32, from 1), mask (may be absent), slots.
/// Outputs: weight, slots.
public func updateKernel(_ rule: UpdateRule, decay: Float, _ request: KernelRequest)
  throws(KernelError) -> KernelPlan
{
  let weight = try request.input(0)
  let layout = weight.layout
  let count = layout.bytes / MemoryLayout<Float>.stride
  let slots = 5..<(5 + rule.slotCount)
  let hasMask = request.hasInput(4)
  var inputs = request.plainInputs
  inputs[0] = layout
  inputs[1] = layout
  inputs[4] = hasMask ? layout : nil
  for slot in slots { inputs[slot] = layout }
  return KernelPlan(
    inputs: inputs, outputs: [Layout?](repeating: layout, count: 1 + rule.slotCount),
    sharing: [.init(input: 0, output: 0, isRequired: true)]
      + slots.map { .init(input: $0, output: $0 - 4, isRequired: true) }, implementation: "c"
  ) { buffers in
    let w = buffers.output(0, as: Float.self)
    let g = buffers.input(1, as: Float.self)
    let rate = buffers.input(2, as: Float.self)
    let step = buffers.input(3, as: Int32.self)
    let mask = hasMask ? buffers.input(4, as: Float.self) : nil
    let first = buffers.output(1, as: Float.self)
    switch rule {
    case .sgd(let momentum, let nesterov):
      return {
        pith_sgd(w, g, first, mask, count, rate.pointee, momentum, decay, nesterov ? 1 : 0)
      }
    case .adam(let beta1, let beta2, let epsilon, let decoupled):
      let second = buffers.output(2, as: Float.self)
      return {
        pith_adam(
          w, g, first, second, mask, count, rate.pointee, beta1, beta2, epsilon, decay,
          decoupled ? 1 : 0, 1 - power(beta1, step.pointee), 1 - power(beta2, step.pointee))
      }
    }
  }
}

private func power(_ base: Float, _ exponent: Int32) -> Float {
  var (result, factor, remaining) = (1.0, Double(base), exponent)
  while remaining > 0 {
    if remaining & 1 == 1 { result *= factor }
    factor *= factor
    remaining >>= 1
  }
  return Float(result)
}

/// The processor's threads that kernels run on, shared with the kernels library.
public enum Threads {
  public static var count: Int {
    get { Int(pith_threads()) }
    set { pith_set_threads(Int32(clamping: newValue)) }
  }

  /// Runs `body` while denormal numbers count as zero: they are a hundred times slower, and appear
  /// whenever momentum dies away. The caller's own arithmetic is as before afterwards.
  @inline(__always)
  public static func flushingDenormals(_ body: () -> Void) {
    let saved = pith_flush_begin()
    body()
    pith_flush_end(saved)
  }
}
