public import PithGraph
package import PithKernels
public import PithTensors

/// The mean of each window over the spatial axes of data (N, C, spatial...). Padding is left out
/// of the mean, or counted as zeros with `countsPadding`.
public struct AveragePool: Operator {
  public static let name = "AveragePool"
  public static let examples = [
    Example([.random([2, 3, 6, 6])], ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])]),
    Example(
      [.random([1, 2, 5, 5])], ["kernel_shape": .ints([3, 3]), "pads": .ints([1, 1, 1, 1])]),
    Example(
      [.random([1, 2, 5, 5])],
      [
        "kernel_shape": .ints([3, 3]), "pads": .ints([1, 0, 1, 2]), "count_include_pad": .int(1),
      ]),
    Example(
      [.random([1, 2, 6, 6])],
      ["kernel_shape": .ints([3, 3]), "strides": .ints([2, 2]), "ceil_mode": .int(1)]),
    Example(
      [.random([1, 2, 6, 7])],
      [
        "kernel_shape": .ints([3, 4]), "strides": .ints([2, 2]), "pads": .ints([1, 1, 1, 1]),
        "ceil_mode": .int(1), "count_include_pad": .int(1),
      ]),
    Example([.random([1, 2, 9])], ["kernel_shape": .ints([3]), "dilations": .ints([2])]),
    Example(
      [.random([1, 1, 5, 4])],
      ["kernel_shape": .ints([2, 2]), "auto_pad": .string("SAME_UPPER")]),
    Example([.random([1, 2, 4, 4, 4])], ["kernel_shape": .ints([2, 2, 2])]),
  ]

  let window: WindowAttributes
  public let countsPadding: Bool

  init(window: WindowAttributes, countsPadding: Bool) {
    self.window = window
    self.countsPadding = countsPadding
  }

  public init(
    kernel: [Int], strides: [Int]? = nil, pads: [Int]? = nil, countsPadding: Bool = false
  ) {
    self.init(
      window: WindowAttributes(kernel: kernel, strides: strides, pads: pads),
      countsPadding: countsPadding)
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    let window = try WindowAttributes(attributes)
    guard window.kernel != nil else { throw .missing("kernel_shape") }
    self.init(
      window: window, countsPadding: try attributes.bool("count_include_pad", default: false))
  }

  public var attributes: Attributes {
    var values = window.values
    if countsPadding { values["count_include_pad"] = .int(1) }
    return Attributes(values)
  }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [try inferPooling(inputs, window)]
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
    return [try graph.add(AveragePoolGradient(self), gradient, node.inputs[0])]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try pooling(request.input(0)).forward(request)
  }

  /// The pooling for data of a fixed shape.
  package func pooling(_ data: KernelRequest.Operand) throws(KernelError) -> Pooling {
    let bound = try boundWindow(window, data)
    return Pooling(
      countsPadding ? .averageWithPadding : .average, window: bound,
      scale: countsPadding && window.ceilMode ? try overhangScale(bound, data) : nil)
  }

  /// A window that the rounding up lets hang over the end padding counts only what lies inside it:
  /// the factors by which its mean is then larger. Nil where no window does.
  private func overhangScale(_ bound: Window, _ data: KernelRequest.Operand) throws(KernelError)
    -> [Float]?
  {
    var floor = window
    floor.ceilMode = false
    let ends = try boundWindow(floor, data).padsEnd
    guard ends != bound.padsEnd else { return nil }
    var scale: [Float] = [1]
    for (axis, kernel) in bound.kernel.enumerated() {
      let size = data.shape[axis + 2] + bound.padsBegin[axis]
      let (stride, step) = (bound.strides[axis], bound.dilations[axis])
      let span = (kernel - 1) * step
      let count = (size + bound.padsEnd[axis] - span - 1) / stride + 1
      let factors = (0..<count).map { place in
        let inside = (size + ends[axis] - place * stride - 1) / step + 1
        return Float(kernel) / Float(min(kernel, inside))
      }
      scale = scale.flatMap { outer in factors.map { outer * $0 } }
    }
    return scale
  }
}

/// dL/d(data) of an `AveragePool`. Inputs: dL/dy, data (of which only the type matters).
public struct AveragePoolGradient: Operator {
  public static let name = "AveragePoolGradient"
  public static let domain = "pith"
  let forward: AveragePool

  init(_ forward: AveragePool) { self.forward = forward }
  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(try AveragePool(attributes))
  }

  public var attributes: Attributes { forward.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(1).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try forward.pooling(request.output(0)).gradientOfAverage(request)
  }
}

/// The fact about data pooled by a window.
func inferPooling(_ inputs: [Fact?], _ window: WindowAttributes) throws(ShapeError) -> Fact {
  let data = try inputs.required(0)
  guard data.rank >= 3 else { throw .rank(input: 0, expected: "3 or more", actual: data.rank) }
  let (_, spatial) = try window.resolve(
    input: Array(data.dimensions[2...]), kernel: window.kernel ?? [])
  return Fact(data.dtype, data.dimensions[..<2] + spatial)
}

/// The window over data of a known shape.
func boundWindow(_ window: WindowAttributes, _ data: KernelRequest.Operand) throws(KernelError)
  -> Window
{
  try resolving { () throws(ShapeError) in
    try window.resolve(
      input: data.shape.dimensions.dropFirst(2).map(Dimension.fixed), kernel: window.kernel ?? []
    ).window
  }
}
