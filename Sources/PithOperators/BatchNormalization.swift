public import PithGraph
import PithKernels
public import PithTensors

/// (x - mean) / sqrt(variance + epsilon) scale + shift, per channel, with the given statistics, or
/// with those of the batch in `trainingMode` (when the second and third output are the running
/// ones).
///
/// Inputs: x (N, C, ...), scale, shift, mean, variance (C each). Ioffe and Szegedy, "Batch
/// normalization", ICML 2015, as it is used after training.
public struct BatchNormalization: Operator {
  public static let name = "BatchNormalization"
  public static let examples = [
    Example(
      [
        .random([2, 3, 4, 4]), .random([3], low: 0.5, high: 2), .random([3]),
        .constant(Tensor([0.1, -0.2, 0.3] as [Float])),
        .constant(Tensor([0.5, 1, 2] as [Float])),
      ], ["epsilon": .float(1e-3)]),
    Example([
      .random([4, 2]), .random([2]), .random([2]), .constant(Tensor([0.1, -0.2] as [Float])),
      .constant(Tensor([0.5, 1] as [Float])),
    ]),
  ]
  public let epsilon: Float
  /// The share of the old running statistics that an update keeps.
  public let momentum: Float
  /// Whether the file asks for statistics of the batch, as a network saved while training does.
  public let trainingMode: Bool

  public init(epsilon: Float = 1e-5, momentum: Float = 0.9, trainingMode: Bool = false) {
    self.epsilon = epsilon
    self.momentum = momentum
    self.trainingMode = trainingMode
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    epsilon = try attributes.float("epsilon", default: 1e-5)
    momentum = try attributes.float("momentum", default: 0.9)
    trainingMode = try attributes.bool("training_mode", default: false)
  }

  public var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if epsilon != 1e-5 { values["epsilon"] = .float(epsilon) }
    if momentum != 0.9 { values["momentum"] = .float(momentum) }
    if trainingMode { values["training_mode"] = .int(1) }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let data = try inputs.required(0)
    guard data.dtype.isFloatingPoint else { throw .type(input: 0, data.dtype) }
    let channels = data.rank > 1 ? data.dimensions[1] : 1
    for index in 1...4 {
      let parameter = try inputs.required(index)
      guard parameter.rank == 1 else {
        throw .rank(input: index, expected: "1", actual: parameter.rank)
      }
      if let size = parameter.dimensions[0].size, let expected = channels.size, size != expected {
        throw .mismatch(
          "input \(index) has \(size) elements, expected one per \(expected) channels")
      }
    }
    let statistics = Fact(try inputs.required(3).type)
    return trainingMode ? [Fact(data.type), statistics, statistics] : [Fact(data.type)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    var links = AxisLinks()
    links.channels(inputs, Array(outputs.prefix(1)), vectors: 1..<5)
    if let shape = inputs.optional(0)?.type.shape, shape.rank > 1 {
      for slot in outputs.indices.dropFirst() {
        links.link(.output(slot, 0), .input(0, 1), count: shape[1])
      }
    }
    return links
  }

  public func role(ofInput index: Int) -> WeightRole? {
    switch index {
    case 1, 2: .normalization
    case 3, 4: .statistic
    default: nil
    }
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0] else { return [] }
    guard !trainingMode, !wanted[3...].contains(true) else {
      throw .notDifferentiable(node: node.name, operator: Self.name)
    }
    let inputs = node.inputs
    return try graph.add(
      FrozenBatchNormalizationGradient(epsilon: epsilon),
      [gradient, inputs[0], inputs[1], inputs[3], inputs[4]])
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    guard !trainingMode else {
      return try batchStatisticsKernel(epsilon: epsilon, momentum: momentum, request)
    }
    return try frozenBatchNormalizationKernel(epsilon: epsilon, request)
  }
}

/// dL/dx, dL/dscale and dL/dshift of batch normalisation with given statistics.
/// Inputs: dL/dy, x, scale, mean, variance.
public struct FrozenBatchNormalizationGradient: Operator {
  public static let name = "FrozenBatchNormalizationGradient"
  public static let domain = "pith"
  public let epsilon: Float

  init(epsilon: Float) { self.epsilon = epsilon }

  public init(_ attributes: Attributes) throws(AttributeError) {
    epsilon = try attributes.float("epsilon")
  }

  public var attributes: Attributes { ["epsilon": .float(epsilon)] }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (data, scale) = (try inputs.required(1), try inputs.required(2))
    return [Fact(data.type), Fact(scale.type), Fact(scale.type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try frozenBatchNormalizationGradientKernel(epsilon: epsilon, request)
  }
}
