public import PithGraph
import PithKernels
public import PithTensors

/// Minus the logarithm of each label's share under softmax over the classes, times the weight of
/// its class; see `Likelihood`.
///
/// Inputs: scores (N, C, ...), labels (N, ...), weights (C, optional). Outputs: the loss, and where
/// wanted the log-probabilities.
public struct SoftmaxCrossEntropyLoss: Operator {
  public static let name = "SoftmaxCrossEntropyLoss"
  public static let examples = [
    Example([.random([3, 4]), .constant(Tensor([1, 0, 3] as [Int64]))]),
    Example([.random([3, 4]), .constant(Tensor([1, 0, 3] as [Int64]))], outputCount: 2),
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

  public init(_ attributes: Attributes) throws(AttributeError) {
    loss = try Likelihood(attributes)
  }

  public var attributes: Attributes { loss.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [try loss.infer(inputs), Fact(try inputs.required(0).type)]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard !wanted.dropFirst(2).contains(true) else {
      throw .notDifferentiable(node: node.name, operator: Self.name)
    }
    let weights = node.inputs.count > 2 ? node.inputs[2] : nil
    let kept = node.outputs.count > 1 ? node.outputs[1] : nil
    let logarithms =
      if let kept { kept } else { try graph.add(LogSoftmax(axis: 1), node.inputs[0]) }
    var result: Value?
    if let gradient = upstream[0] {
      result = try graph.add(
        SoftmaxLikelihoodGradient(loss), gradient, node.inputs[1], weights, logarithms)
    }
    if upstream.count > 1, let gradient = upstream[1] {
      let other = try graph.add(SoftmaxGradient(axis: 1, logarithm: true), gradient, logarithms)
      if let first = result { result = try graph.add(Add(), first, other) } else { result = other }
    }
    return [result, nil, nil]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try loss.softmaxLoss(request)
  }
}

/// dL/d(scores) of a `SoftmaxCrossEntropyLoss`. Inputs: dL/d(loss), labels, weights (may be absent),
/// log-probabilities.
public struct SoftmaxLikelihoodGradient: Operator {
  public static let name = "SoftmaxLikelihoodGradient"
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
    try loss.softmaxGradient(request)
  }
}
