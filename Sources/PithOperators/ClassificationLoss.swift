public import PithGraph
public import PithKernels
public import PithTensors

/// The mean loss of a classifier over a batch; see `Loss` for the formulas.
///
/// Inputs: logits (N, C), labels (N) int32, teacher's logits (N, C) where the loss needs them.
/// Outputs: loss (scalar), its gradient with respect to the logits, and the number of rows whose
/// largest logit is the label's (scalar).
public struct ClassificationLoss: Operator {
  public static let name = "ClassificationLoss"
  public static let domain = "pith"
  public let loss: Loss

  public init(_ loss: Loss) { self.loss = loss }

  public init(_ attributes: Attributes) throws(AttributeError) {
    throw .unsupported("a loss is made by training alone")
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (logits, labels) = (try inputs.required(0), try inputs.required(1))
    guard logits.rank == 2 else { throw .rank(input: 0, expected: "2", actual: logits.rank) }
    guard labels.dtype == .int32, labels.rank == 1 else { throw .type(input: 1, labels.dtype) }
    if loss.needsTeacher {
      let teacher = try inputs.required(2)
      guard teacher.dimensions == logits.dimensions else {
        throw .mismatch(
          "the teacher gives \(text(teacher.dimensions)), the student \(text(logits.dimensions))")
      }
    }
    return [Fact(.float32, []), Fact(logits.type), Fact(.float32, [])]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let seed = upstream[0], let gradient = node.outputs[1] else { return [] }
    // The loss is what is differentiated, so its own gradient is almost always one.
    if graph.weights[seed]?.floats == [1] { return [gradient, nil, nil] }
    return [try graph.add(Mul(), gradient, seed), nil, nil]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try lossKernel(loss, request)
  }
}
