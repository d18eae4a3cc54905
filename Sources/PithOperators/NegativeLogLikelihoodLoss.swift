public import PithGraph
import PithKernels
public import PithTensors

/// Minus the log-probability of each label, times the weight of its class; see `Likelihood`.
///
/// Inputs: log-probabilities (N, C, ...), labels (N, ...), weights (C, optional).
public struct NegativeLogLikelihoodLoss: Operator {
  public static let name = "NegativeLogLikelihoodLoss"
  public static let examples = [
    Example([.random([3, 4]), .constant(Tensor([1, 0, 3] as [Int64]))]),
    Example(
      [
        .random([2, 3, 2]), .constant(Tensor([1, 0, 2, 1] as [Int32], [2, 2])),
        .constant(Tensor([0.5, 1, 2] as [Float])),
      ], ["ignore_index": .int(1)]),
    Example(
      [.random([2, 3]), .constant(Tensor([1, 0] as [Int64]))], ["reduction": .string("none")]),
    Example(
      [.random([2, 3]), .constant(Tensor([1, 0] as [Int64]))], ["reduction": .string("sum")]),
  ]
  let loss: Likelihood

  init(_ loss: Likelihood) { self.loss = loss }

  public init(_ attributes: Attributes) throws(AttributeError) {
    loss = try Likelihood(attributes)
  }

  public var attributes: Attributes { loss.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [try loss.infer(inputs)]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0] else { return [nil, nil, nil] }
    let weights = node.inputs.count > 2 ? node.inputs[2] : nil
    guard !wanted.dropFirst(2).contains(true) else {
      throw .notDifferentiable(node: node.name, operator: Self.name)
    }
    return [
      try graph.add(
        LikelihoodGradient(loss), gradient, node.inputs[1], weights, node.inputs[0]), nil, nil,
    ]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try loss.loss(request)
  }
}

extension Likelihood {
  init(_ attributes: Attributes) throws(AttributeError) {
    let word = try attributes.string("reduction", default: "mean")
    guard let reduction = Reduction(rawValue: word) else {
      throw .invalid("reduction", value: word)
    }
    let ignored = attributes.has("ignore_index") ? try attributes.int("ignore_index") : nil
    self.init(reduction: reduction, ignored: ignored)
  }

  var attributes: Attributes {
    var values: [String: AttributeValue] = [:]
    if reduction != .mean { values["reduction"] = .string(reduction.rawValue) }
    if let ignored { values["ignore_index"] = .int(ignored) }
    return Attributes(values)
  }

  /// The fact about the loss.
  func infer(_ inputs: [Fact?]) throws(ShapeError) -> Fact {
    let (scores, labels) = (try inputs.required(0), try inputs.required(1))
    guard scores.dtype.isFloatingPoint else { throw .type(input: 0, scores.dtype) }
    guard labels.dtype == .int64 || labels.dtype == .int32 else {
      throw .type(input: 1, labels.dtype)
    }
    guard scores.rank >= 2 else {
      throw .rank(input: 0, expected: "2 or more", actual: scores.rank)
    }
    guard
      TensorType(labels.dtype, [scores.dimensions[0]] + scores.dimensions[2...])
        .agrees(with: labels.type)
    else {
      throw .mismatch(
        "labels of shape \(text(labels.dimensions)) for scores of \(text(scores.dimensions))")
    }
    if let weights = inputs.optional(2) {
      guard weights.dtype == scores.dtype else { throw .type(input: 2, weights.dtype) }
      guard TensorType(weights.dtype, [scores.dimensions[1]]).agrees(with: weights.type) else {
        throw .mismatch(
          "weights of shape \(text(weights.dimensions)) for \(scores.dimensions[1]) classes")
      }
    }
    return Fact(scores.dtype, reduction == .none ? labels.dimensions : [])
  }
}

/// dL/d(log-probabilities) of a likelihood. Inputs: dL/d(loss), labels, weights (may be absent),
/// log-probabilities (of which only the type matters).
public struct LikelihoodGradient: Operator {
  public static let name = "LikelihoodGradient"
  public static let domain = "pith"
  let loss: Likelihood

  init(_ loss: Likelihood) { self.loss = loss }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(try Likelihood(attributes))
  }

  public var attributes: Attributes { loss.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(3).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try loss.gradient(request)
  }
}
