public import PithGraph
import PithKernels
public import PithTensors

/// The remainder of a / b, with the sign of b, or with `truncates` (always for floating-point
/// numbers) the sign of a. What whole numbers give when b is zero is not defined.
public struct Mod: ElementwiseOperator {
  public static let name = "Mod"
  public static let examples = [
    Example(
      [.random([2, 3], low: -8, high: 8), .constant(Tensor(scalar: Float(2.5)))],
      ["fmod": .int(1)]),
    Example([
      .constant(Tensor([-7, 7, 5] as [Int64])), .constant(Tensor([3, -3, 0] as [Int64])),
    ]),
  ]
  public let truncates: Bool

  public init(truncates: Bool = false) { self.truncates = truncates }

  public init(_ attributes: Attributes) throws(AttributeError) {
    truncates = try attributes.bool("fmod", default: false)
  }

  public var attributes: Attributes { truncates ? ["fmod": .int(1)] : [:] }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let operand = try inputs.required(0)
    if operand.dtype.isFloatingPoint, !truncates {
      throw .invalid("the remainder of floating-point numbers needs fmod = 1")
    }
    return try inferBinary(inputs) { (left, right) -> Int? in
      right == 0 ? nil : Int(remainder(Int64(left), Int64(right), truncates: truncates))
    }
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], let left = node.inputs[0] else { return [nil, nil] }
    guard !wanted[1] else { throw .notDifferentiable(node: node.name, operator: Self.name) }
    return [try graph.sum(gradient, like: left), nil]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    let truncates = truncates
    if try request.input(0).dtype == .float32 {
      return try pointwiseKernel(request, as: Float.self) { $0.truncatingRemainder(dividingBy: $1) }
    }
    return try arithmeticKernel(
      request, .divide, integers: { remainder($0, $1, truncates: truncates) },
      unsigned: { $0.remainderReportingOverflow(dividingBy: $1).partialValue },
      doubles: { $0.truncatingRemainder(dividingBy: $1) })
  }
}

/// The remainder of whole numbers; a / 0 leaves a.
private func remainder(_ a: Int64, _ b: Int64, truncates: Bool) -> Int64 {
  let rest = a.remainderReportingOverflow(dividingBy: b).partialValue
  return truncates || rest == 0 || b == 0 || (rest < 0) == (b < 0) ? rest : rest &+ b
}
