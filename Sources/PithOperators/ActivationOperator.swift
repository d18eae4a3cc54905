public import PithGraph
public import PithKernels
public import PithTensors

/// An operator that applies one function of the kernels library to each element: a conforming
/// type only reads its attributes and names the function.
public protocol ActivationOperator: ElementwiseOperator {
  var function: Activation { get }
  /// Whether the derivative is computed from the result, so that the input need not be kept.
  var differentiatesOutput: Bool { get }
}

extension ActivationOperator {
  public var differentiatesOutput: Bool { false }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let operand = try inputs.required(0)
    guard operand.dtype.isFloatingPoint else { throw .type(input: 0, operand.dtype) }
    return [Fact(operand.type)]
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let input = node.inputs[0], let output = node.output else { return [nil] }
    return [
      differentiatesOutput
        ? try graph.activationGradient(function, upstream[0], fromOutput: output)
        : try graph.activationGradient(function, upstream[0], from: input)
    ]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try activationKernel(function, request)
  }
}
