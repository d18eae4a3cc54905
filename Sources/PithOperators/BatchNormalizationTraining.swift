public import PithGraph
import PithKernels
public import PithTensors

/// Batch normalization over the batch's own statistics (Ioffe and Szegedy, 2015), with the ReLU
/// behind it where `fusesRelu`: y = scale (x - mean) / sqrt(variance + epsilon) + shift.
///
/// Inputs: data (N, C, ...), scale, shift. Outputs: data, batch mean, batch variance (of the
/// population), and a reserve for the gradient.
public struct BatchNormalizationTraining: Operator {
  public static let name = "BatchNormalizationTraining"
  public static let domain = "pith"
  public let epsilon: Float
  public let fusesRelu: Bool

  public init(epsilon: Float = 1e-5, fusesRelu: Bool = false) {
    self.epsilon = epsilon
    self.fusesRelu = fusesRelu
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(
      epsilon: try attributes.float("epsilon", default: 1e-5),
      fusesRelu: try attributes.bool("relu", default: false))
  }

  var kernel: BatchNormalizationKernel {
    BatchNormalizationKernel(epsilon: epsilon, fusesRelu: fusesRelu)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (data, scale) = (try inputs.required(0), try inputs.required(1))
    guard data.rank >= 2 else { throw .rank(input: 0, expected: "2 or more", actual: data.rank) }
    return [
      Fact(data.type), Fact(scale.type), Fact(scale.type),
      // Its true size is known to the kernel alone.
      Fact(.uint8, [1]),
    ]
  }

  public func role(ofInput index: Int) -> WeightRole? { index > 0 ? .normalization : nil }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0] else { return [nil, nil, nil] }
    let results = try graph.add(
      BatchNormalizationGradient(kernel: kernel),
      [
        gradient, node.inputs[0], node.inputs[1], node.outputs[1], node.outputs[2],
        fusesRelu ? node.outputs[3] : nil,
      ])
    return results.map(Optional.some)
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try kernel.training(request)
  }
}

/// The gradients of batch normalization with respect to data, scale and shift. Inputs: gradient of
/// the output, data, scale, batch mean, batch variance, reserve.
public struct BatchNormalizationGradient: Operator {
  public static let name = "BatchNormalizationGradient"
  public static let domain = "pith"
  let kernel: BatchNormalizationKernel

  init(kernel: BatchNormalizationKernel) { self.kernel = kernel }

  public init(_ attributes: Attributes) throws(AttributeError) {
    kernel = try BatchNormalizationTraining(attributes).kernel
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let scale = try inputs.required(2)
    return [Fact(try inputs.required(1).type), Fact(scale.type), Fact(scale.type)]
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
