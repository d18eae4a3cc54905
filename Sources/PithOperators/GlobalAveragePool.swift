public import PithGraph
package import PithKernels
public import PithTensors

/// The mean over all spatial axes of data (N, C, spatial...), kept with extent one.
public struct GlobalAveragePool: Operator {
  public static let name = "GlobalAveragePool"
  public static let examples = [
    Example([.random([2, 3, 4, 5])]),
    Example([.random([2, 3, 7])]),
    Example([.random([1, 2, 3, 2, 4])]),
  ]

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [try inferGlobalPooling(inputs)]
  }

  public func axes(_ inputs: [Fact?], _ outputs: [Fact?]) -> AxisLinks {
    var links = AxisLinks()
    links.channels(inputs, outputs)
    return links
  }

  public func gradient(
    of node: Node, upstream: [Value?], wanted: [Bool], in graph: inout Graph
  ) throws(GraphError) -> [Value?] {
    guard let gradient = upstream[0] else { return [nil] }
    return [try graph.add(GlobalAveragePoolGradient(), gradient, node.inputs[0])]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try Pooling(.averageWithPadding, window: .whole(request.input(0).shape)).forward(request)
  }
}

/// dL/d(data) of a `GlobalAveragePool`. Inputs: dL/dy, data (of which only the type matters).
public struct GlobalAveragePoolGradient: Operator {
  public static let name = "GlobalAveragePoolGradient"
  public static let domain = "pith"

  public init() {}
  public init(_ attributes: Attributes) throws(AttributeError) {}

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(1).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try Pooling(.averageWithPadding, window: .whole(request.output(0).shape))
      .gradientOfAverage(request)
  }
}

/// The fact about data pooled over all its spatial axes.
func inferGlobalPooling(_ inputs: [Fact?]) throws(ShapeError) -> Fact {
  let data = try inputs.required(0)
  guard data.rank >= 3 else { throw .rank(input: 0, expected: "3 or more", actual: data.rank) }
  return Fact(
    data.dtype, data.dimensions[..<2] + [Dimension](repeating: 1, count: data.rank - 2))
}

extension Window {
  /// One window over all spatial axes of data (N, C, spatial...).
  package static func whole(_ data: Shape) -> Window {
    let kernel = Array(data.dimensions.dropFirst(2))
    let (ones, zeros) = (kernel.map { _ in 1 }, kernel.map { _ in 0 })
    return Window(
      kernel: kernel, strides: ones, dilations: ones, padsBegin: zeros, padsEnd: zeros)
  }
}
