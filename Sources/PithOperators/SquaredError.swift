public import PithGraph
import PithKernels
public import PithTensors

/// The loss of a regression: the mean of (y - target)^2 over all numbers of a batch.
///
/// Inputs: y, targets (float32, of one shape). Outputs: loss (scalar), and its gradient with respect
/// to y.
public struct SquaredError: Operator {
  public static let name = "SquaredError"
  public static let domain = "pith"

  public init() {}

  public init(_ attributes: Attributes) throws(AttributeError) {
    throw .unsupported("a loss is made by training alone")
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let (output, target) = (try inputs.required(0), try inputs.required(1))
    for (index, fact) in [output, target].enumerated() where fact.dtype != .float32 {
      throw .type(input: index, fact.dtype)
    }
    guard output.dimensions == target.dimensions else {
      throw .mismatch(
        "the network gives \(text(output.dimensions)), the targets are \(text(target.dimensions))")
    }
    return [Fact(.float32, []), Fact(output.type)]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let seed = upstream[0], let gradient = node.outputs[1] else { return [] }
    // The loss is what is differentiated, so its own gradient is almost always one.
    if graph.weights[seed]?.floats == [1] { return [gradient, nil] }
    return [try graph.add(Mul(), gradient, seed), nil]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try squaredErrorKernel(request)
  }
}
