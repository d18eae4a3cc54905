public import PithGraph
import PithKernels
public import PithTensors

/// Gates that are drawn anew at each step while they are learnt: s = sigmoid((ln u - ln(1 - u) + a)
/// / b), z = clip(s (zeta - gamma) + gamma, 0, 1), u uniform. Louizos, Welling, Kingma: Learning
/// sparse neural networks through L0 regularization, 2018.
///
/// Inputs: a (T), step number (int32 scalar), which decides u together with the seed. Output: z
/// (T).
public struct HardConcreteGate: Operator {
  public static let name = "HardConcreteGate"
  public static let domain = "pith"
  /// b
  public static let temperature: Float = 2 / 3
  /// gamma
  public static let low: Float = -0.1
  /// zeta
  public static let high: Float = 1.1
  public let seed: UInt64

  public init(seed: UInt64) { self.seed = seed }

  public init(_ attributes: Attributes) throws(AttributeError) {
    throw .unsupported("gates are made by training alone")
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    let step = try inputs.required(1)
    guard step.dtype == .int32 else { throw .type(input: 1, step.dtype) }
    return [Fact(try inputs.required(0).type)]
  }

  /// (zeta - gamma) s (1 - s) / b where z is between 0 and 1; s is told by z.
  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0], let z = node.output else { return [nil, nil] }
    let one = graph.scalar(1, like: z)
    let span = Self.high - Self.low
    let isInside = try graph.add(
      Sign(), graph.add(Mul(), z, graph.add(Sub(), one, z)))
    let share = try graph.scale(
      graph.add(Sub(), z, graph.scalar(Self.low, like: z)), by: 1 / span)
    let slope = try graph.scale(
      graph.add(Mul(), share, graph.add(Sub(), one, share)), by: span / Self.temperature)
    return [try graph.add(Mul(), gradient, graph.add(Mul(), slope, isInside)), nil]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try hardConcreteKernel(
      temperature: Self.temperature, low: Self.low, high: Self.high, seed: seed, request)
  }
}
