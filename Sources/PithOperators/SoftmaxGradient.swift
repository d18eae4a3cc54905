public import PithGraph
import PithKernels
public import PithTensors

/// dL/dx of softmax or its logarithm. Inputs: dL/dy and y.
public struct SoftmaxGradient: Operator {
  public static let name = "SoftmaxGradient"
  public static let domain = "pith"
  public let axis: Int
  public let logarithm: Bool

  init(axis: Int, logarithm: Bool) {
    self.axis = axis
    self.logarithm = logarithm
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    axis = try attributes.int("axis")
    logarithm = try attributes.bool("logarithm", default: false)
  }

  public var attributes: Attributes {
    ["axis": .int(axis), "logarithm": .int(logarithm ? 1 : 0)]
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(1).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try softmaxGradientKernel(
      axis: frontAxis(axis, request, input: 1), logarithm: logarithm, request)
  }
}

extension Graph {
  mutating func softmaxGradient(
    of node: Node, axis: Int, logarithm: Bool, _ upstream: Value?
  ) throws(GraphError) -> Value? {
    guard let upstream else { return nil }
    return try add(SoftmaxGradient(axis: axis, logarithm: logarithm), upstream, node.output)
  }
}

/// The fact about a function along one axis that keeps the shape.
func inferAlongAxis(_ inputs: [Fact?], _ axis: Int) throws(ShapeError) -> [Fact] {
  let operand = try inputs.required(0)
  guard operand.dtype.isFloatingPoint else { throw .type(input: 0, operand.dtype) }
  _ = try normalize(axis: axis, rank: operand.rank)
  return [Fact(operand.type)]
}

/// An axis that inference has accepted, counted from the front.
func frontAxis(_ axis: Int, _ request: KernelRequest, input: Int = 0) throws(KernelError) -> Int {
  axis < 0 ? axis + (try request.input(input).shape.rank) : axis
}
