public import PithGraph
public import PithKernels
public import PithTensors

/// Batch normalization over the batch's own statistics (Ioffe and Szegedy, 2015), with the sum and
/// the activation behind it: y = activation(scale (x - mean) / sqrt(variance + epsilon) + shift +
/// addend).
///
/// Inputs: data (N, C, ...), scale, shift, and an addend like the data (may be absent). Outputs: y,
/// batch mean, batch variance (of the population).
public struct BatchNormalizationTraining: Operator {
  public static let name = "BatchNormalizationTraining"
  public static let domain = "pith"
  public let epsilon: Float
  /// One that `BatchNormalizationKernel.supports` tells of, or none.
  public let activation: Activation?

  public init(epsilon: Float = 1e-5, activation: Activation? = nil) {
    self.epsilon = epsilon
    self.activation = activation
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    throw .unsupported("normalisation by the batch is made by training alone")
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = ["epsilon": .float(epsilon)]
    if let activation { values["activation"] = .string("\(activation)") }
    return Attributes(values)
  }

  var kernel: BatchNormalizationKernel {
    BatchNormalizationKernel(epsilon: epsilon, activation: activation)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (data, scale) = (try inputs.required(0), try inputs.required(1))
    guard data.rank >= 2 else { throw .rank(input: 0, expected: "2 or more", actual: data.rank) }
    if let addend = inputs.optional(3), addend.type != data.type {
      throw .mismatch("the addend is \(addend.type), the data \(data.type)")
    }
    return [Fact(data.type), Fact(scale.type), Fact(scale.type)]
  }

  public func role(ofInput index: Int) -> WeightRole? {
    index == 1 || index == 2 ? .normalization : nil
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0] else { return [nil, nil, nil] }
    let addend = node.inputs.count > 3 ? node.inputs[3] : nil
    let passes = addend != nil && activation != nil
    let results = try graph.add(
      BatchNormalizationGradient(kernel: kernel),
      [
        gradient, node.inputs[0], node.inputs[1], node.inputs[2], node.outputs[1],
        node.outputs[2], passes ? node.outputs[0] : nil, nil,
      ])
    return results.prefix(3).map(Optional.some)
      + (addend == nil ? [] : [passes ? results[3] : gradient])
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try kernel.training(request)
  }
}

/// The gradients of batch normalization with respect to data, scale, shift and, where it is given
/// y, the addend.
///
/// Inputs: gradient of y, data, scale, shift, batch mean, batch variance, y (present where there
/// are both an addend and an activation), another part of the gradient of y (may be absent).
public struct BatchNormalizationGradient: Operator {
  public static let name = "BatchNormalizationGradient"
  public static let domain = "pith"
  public let kernel: BatchNormalizationKernel

  init(kernel: BatchNormalizationKernel) { self.kernel = kernel }

  public init(_ attributes: Attributes) throws(AttributeError) {
    throw .unsupported("a gradient is made by differentiation alone")
  }

  public var attributes: Attributes {
    BatchNormalizationTraining(epsilon: kernel.epsilon, activation: kernel.activation).attributes
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (data, scale) = (try inputs.required(1), try inputs.required(2))
    let results = [Fact(data.type), Fact(scale.type), Fact(scale.type)]
    return inputs.optional(6) == nil ? results : results + [Fact(data.type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try kernel.gradient(request)
  }
}

/// running = `momentum` running + (1 - `momentum`) batch, in place: the statistics that a network
/// normalises with after training.
///
/// Inputs: running value, batch value, and with `isVariance` the normalised data (of which only the
/// type matters): the batch's variance is then taken over n - 1 of its n values, without bias.
public struct RunningAverage: Operator {
  public static let name = "RunningAverage"
  public static let domain = "pith"
  public let momentum: Float
  public let isVariance: Bool

  public init(momentum: Float, isVariance: Bool) {
    self.momentum = momentum
    self.isVariance = isVariance
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(
      momentum: try attributes.float("momentum", default: 0.9),
      isVariance: try attributes.bool("variance", default: false))
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(0).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let running = try request.input(0)
    var correction: Float = 1
    if isVariance {
      let data = try request.input(2).shape
      let count = Float(data.count / max(data[1], 1))
      correction = count > 1 ? count / (count - 1) : 1
    }
    let (count, keep) = (running.shape.count, momentum)
    let share = (1 - momentum) * correction
    var inputs = request.plainInputs
    if isVariance { inputs[2] = nil }
    return KernelPlan(
      inputs: inputs, outputs: request.plainOutputs,
      sharing: [.init(input: 0, output: 0, isRequired: true)], implementation: "reference"
    ) { buffers in
      let batch = buffers.input(1, as: Float.self)
      let result = buffers.output(0, as: Float.self)
      return {
        for index in 0..<count { result[index] = keep * result[index] + share * batch[index] }
      }
    }
  }
}
