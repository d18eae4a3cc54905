public import PithGraph
import PithKernels
public import PithTensors

/// (sum of |x|^p)^(1/p) of each window over the spatial axes of data (N, C, spatial...).
public struct LpPool: Operator {
  public static let name = "LpPool"
  public static let examples = [
    Example([.random([2, 3, 6, 6])], ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])]),
    Example(
      [.random([1, 2, 5, 5])],
      ["kernel_shape": .ints([3, 3]), "pads": .ints([1, 1, 1, 1]), "p": .int(3)]),
    Example(
      [.random([1, 2, 9])],
      ["kernel_shape": .ints([3]), "dilations": .ints([2]), "p": .int(1)]),
    Example(
      [.random([1, 1, 4, 4, 4])],
      ["kernel_shape": .ints([2, 2, 2]), "auto_pad": .string("SAME_LOWER")]),
  ]
  let window: WindowAttributes
  public let exponent: Int

  init(window: WindowAttributes, exponent: Int) {
    self.window = window
    self.exponent = exponent
  }

  public init(kernel: [Int], strides: [Int]? = nil, pads: [Int]? = nil, exponent: Int = 2) {
    self.init(
      window: WindowAttributes(kernel: kernel, strides: strides, pads: pads), exponent: exponent)
  }

  public init(_ attributes: Attributes) throws(AttributeError) {
    let window = try WindowAttributes(attributes)
    guard window.kernel != nil else { throw .missing("kernel_shape") }
    self.init(window: window, exponent: try poolingExponent(attributes))
  }

  public var attributes: Attributes {
    var values = window.values
    if exponent != 2 { values["p"] = .int(exponent) }
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
    return [try graph.add(LpPoolGradient(self), gradient, node.inputs[0], node.output)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try pooling(request.input(0)).norm(Float(exponent), request)
  }

  func pooling(_ data: KernelRequest.Operand) throws(KernelError) -> WindowPooling {
    WindowPooling(
      window: window.kernel == nil ? .whole(data.shape) : try boundWindow(window, data))
  }
}

/// dL/d(data) of an `LpPool`. Inputs: dL/dy, data, y.
public struct LpPoolGradient: Operator {
  public static let name = "LpPoolGradient"
  public static let domain = "pith"
  let forward: LpPool

  init(_ forward: LpPool) { self.forward = forward }

  public init(_ attributes: Attributes) throws(AttributeError) {
    self.init(
      LpPool(
        window: try WindowAttributes(attributes), exponent: try poolingExponent(attributes)))
  }

  public var attributes: Attributes { forward.attributes }

  public func infer(_ inputs: [Fact?]) throws(ShapeError) -> [Fact] {
    [Fact(try inputs.required(1).type)]
  }

  public func kernel(_ request: KernelRequest) throws(KernelError) -> KernelPlan {
    try forward.pooling(request.input(1)).normGradient(Float(forward.exponent), request)
  }
}

/// The exponent of a pooling by a norm.
func poolingExponent(_ attributes: Attributes) throws(AttributeError) -> Int {
  let exponent = try attributes.int("p", default: 2)
  guard (1...1024).contains(exponent) else { throw .invalid("p", value: String(exponent)) }
  return exponent
}
